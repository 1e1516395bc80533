import type { Database, Transaction } from './database.js';

/** What PostgreSQL says of a statement that took longer than it may. */
const QUERY_CANCELED = '57014';

/** Does `work` in a transaction of which no statement may take longer. Answers null when one does: then nothing is done. */
export async function inTime<Result>(
  database: Database,
  limitMs: number,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result | null> {
  try {
    return await database.transaction(async (tx) => {
      await tx.query(`set local statement_timeout = ${limitMs}`);
      return work(tx);
    });
  } catch (error) {
    if ((error as { code?: string }).code === QUERY_CANCELED) return null;
    throw error;
  }
}
