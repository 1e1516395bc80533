import { setTimeout as delay } from 'node:timers/promises';

/** Starts `work` so many times a second whether or not it keeps up, and resolves once all of it is done. */
export async function atRate<Value>(
  { perSecond, count }: { perSecond: number; count: number },
  work: (index: number) => Promise<Value>,
): Promise<Value[]> {
  const startedAt = performance.now();
  const all: Promise<Value>[] = [];
  while (all.length < count) {
    const dueCount = Math.floor(((performance.now() - startedAt) * perSecond) / 1_000) + 1;
    while (all.length < Math.min(count, dueCount)) all.push(work(all.length));
    const nextAt = startedAt + (all.length * 1_000) / perSecond;
    await delay(Math.max(0, nextAt - performance.now()));
  }
  return Promise.all(all);
}

/** Unix milliseconds, with fractions: comparable between the processes of one machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
