import type { Executor } from './database.js';

/** So many rows at a time: no statement takes for ever, and no lock lasts long. */
export const BATCH = 5_000;

/**
 * Runs a statement again and again until it deals with fewer rows than `BATCH`, or `isStopping`. It has to answer how many
 * it dealt with, as `count`.
 */
export async function inBatches(
  db: Executor,
  sql: string,
  values: readonly unknown[],
  isStopping: () => boolean,
): Promise<void> {
  let count = BATCH;
  while (count === BATCH && !isStopping()) {
    const [row] = await db.query<{ count: number }>(sql, values);
    count = row!.count;
  }
}
