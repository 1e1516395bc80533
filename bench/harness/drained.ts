import { verify } from './receiver.js';
import type { BenchDatabase, Rig, Service } from './rig.js';
import { cpuSecondsBetween, usageOf } from './usage.js';

export interface Drained {
  perSecond: number;
  /** CPU of all dispatchers, in seconds per 1,000 deliveries. */
  serviceCpu: number;
  postgresCpu: number;
  /** Of the largest dispatcher. */
  memoryMib: number;
}

/** Waits for a backlog to be delivered, and measures all but the first `warmUp` deliveries of it. */
export async function measureDrain(
  rig: Rig,
  database: BenchDatabase,
  dispatchers: readonly Service[],
  { eventIds, endpoints, warmUp }: { eventIds: readonly string[]; endpoints: number; warmUp: number },
): Promise<Drained> {
  const total = eventIds.length * endpoints;
  const read = () => [...dispatchers.map(({ pid }) => pid), rig.postgresPid].map(usageOf);
  await rig.receiver.wait(warmUp);
  const before = read();
  await rig.receiver.wait(total);
  await database.settled();
  const after = read();
  const received = await rig.receiver.take();
  verify(received, eventIds, endpoints);
  const cpu = after.map((usage, index) => (cpuSecondsBetween(before[index]!, usage) * 1_000) / (total - warmUp));
  return {
    perSecond: ((total - warmUp) * 1_000) / (received.receivedAt.at(-1)! - received.receivedAt[warmUp - 1]!),
    serviceCpu: cpu.slice(0, -1).reduce((sum, one) => sum + one, 0),
    postgresCpu: cpu.at(-1)!,
    memoryMib: Math.max(...after.slice(0, -1).map(({ memoryBytes }) => memoryBytes)) / 1_048_576,
  };
}
