import { now } from './paced.js';
import type { Publication } from './publish.js';
import { type Received, verify } from './receiver.js';
import type { Rig } from './rig.js';
import { latencies } from './statistics.js';

/** Milliseconds from the call that published each event to its arrival, once all have arrived. */
export async function arrivals(
  { receiver }: Rig,
  publications: readonly Publication[],
  endpoints = 1,
): Promise<{ p50: number; p99: number; max: number; all: number[] }> {
  const eventIds = publications.flatMap((one) => one.eventIds);
  await receiver.wait(eventIds.length * endpoints);
  const received = await receiver.take();
  verify(received, eventIds, endpoints);
  const all = delaysOf(received, publications);
  return { ...latencies(all), all };
}

/** The same for those that have arrived, whatever else came. */
export function delaysOf({ eventIds, receivedAt }: Received, publications: readonly Publication[]): number[] {
  const startedAt = new Map(publications.flatMap((one) => one.eventIds.map((id) => [id, one.startedAt] as const)));
  return eventIds.flatMap((id, index) => {
    const at = startedAt.get(id);
    return at === undefined ? [] : [receivedAt[index]! - at];
  });
}

/** Milliseconds since a moment. */
export function since(startedAt: number): number {
  return now() - startedAt;
}
