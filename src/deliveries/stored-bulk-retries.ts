import { In } from 'typeorm';
import type { Database, Executor } from '../storage/database.js';
import { BulkRetry, BulkRetryStatus } from './bulk-retry.js';

/** The bulk retries that exist, in no particular order. */
export async function readBulkRetries(
  database: Database,
  accountId: string,
  ids: readonly string[],
): Promise<BulkRetry[]> {
  return database.manager.find(BulkRetry, { where: { accountId, id: In([...ids]) } });
}

/** So many that are running are listed. */
const MOST_RUNNING = 100;

/** The bulk retries that are running, newest first. */
export async function readRunningBulkRetries(database: Database, accountId: string): Promise<BulkRetry[]> {
  return database.manager.find(BulkRetry, {
    where: { accountId, status: BulkRetryStatus.RUNNING },
    order: { id: 'DESC' },
    take: MOST_RUNNING,
  });
}

/** Forgets bulk retries that were over before `before`. */
export async function forgetOldBulkRetries(db: Executor, before: Date): Promise<void> {
  await db.query(`delete from webhooks.bulk_retries where status <> 'RUNNING' and completed_at < $1`, [before]);
}
