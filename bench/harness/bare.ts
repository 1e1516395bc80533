import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PosterName } from './posters.js';
import type { Receiver } from './receiver.js';
import { cpuSecondsBetween, usageOf } from './usage.js';

export interface BareRequest {
  poster: PosterName;
  urls: readonly string[];
  count: number;
  inFlight: number;
}

export interface BareAnswer {
  done: true;
}

/** As many as the service has in flight by default, to all endpoints and to one. */
const SLOTS = 192;
const SLOTS_PER_ENDPOINT = 64;

/** How fast requests can be sent, by a process that does nothing else: per second, and CPU seconds per 1,000. */
export async function sendBare(
  receiver: Receiver,
  { poster, endpoints, count, warmUp }: { poster: PosterName; endpoints: number; count: number; warmUp: number },
): Promise<{ perSecond: number; cpuPerThousand: number }> {
  const child = fork(join(import.meta.dirname, 'bare-process.ts'), { serialization: 'advanced' });
  const urls = Array.from({ length: endpoints }, (_, index) => receiver.url('ok', String(index)));
  const inFlight = Math.min(SLOTS, endpoints * SLOTS_PER_ENDPOINT);
  const total = count + warmUp;
  child.send({ poster, urls, count: total, inFlight } satisfies BareRequest);
  await receiver.wait(warmUp);
  const before = usageOf(child.pid!);
  const done = once(child, 'message');
  await done;
  const after = usageOf(child.pid!);
  const { receivedAt, deliveryIds } = await receiver.take();
  if (new Set(deliveryIds).size !== total) throw new Error(`${deliveryIds.length} of ${total} requests came`);
  child.disconnect();
  return {
    perSecond: (count * 1_000) / (receivedAt.at(-1)! - receivedAt[warmUp - 1]!),
    cpuPerThousand: (cpuSecondsBetween(before, after) * 1_000) / count,
  };
}
