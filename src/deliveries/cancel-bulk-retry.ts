import { type Refusal, refuse, UserErrorCode } from '../refusal.js';
import { recordChange } from '../storage/changes.js';
import type { Transaction } from '../storage/database.js';
import { idFields } from '../storage/log-fields.js';
import { BulkRetry } from './bulk-retry.js';
import { deleteChunks } from './bulk-retry-chunks.js';
import type { BulkRetryOptions } from './start-bulk-retry.js';

/**
 * Calls a bulk retry off: once this has answered, nothing more of it is queued. What was queued is attempted all the
 * same. One that is over is answered as it is.
 */
export async function cancelBulkRetry(
  { database, doorbell, clock, log }: BulkRetryOptions,
  accountId: string,
  id: string | null,
): Promise<BulkRetry | Refusal> {
  if (id === null) return notFound();
  const { bulkRetry, isCanceled } = await database.transaction(async (tx) => {
    // In the order in which those who work on it lock: chunks, then the bulk retry.
    await deleteChunks(tx, accountId, id);
    const isCanceled = await cancel(tx, accountId, id, new Date(clock.now()));
    return { isCanceled, bulkRetry: await tx.manager.findOneBy(BulkRetry, { accountId, id }) };
  });
  if (bulkRetry && isCanceled) {
    const { total, queued } = bulkRetry;
    log.info({ ...idFields({ accountId, bulkRetryId: id }), total, queued }, 'bulk retry canceled');
  }
  doorbell.ring('changed');
  return bulkRetry ?? notFound();
}

/** Answers whether it was still running. */
async function cancel(tx: Transaction, accountId: string, id: string, now: Date): Promise<boolean> {
  const canceled = await tx.query(
    `update webhooks.bulk_retries set status = 'CANCELED', completed_at = $3
      where account_id = $1 and id = $2 and status = 'RUNNING' returning id`,
    [accountId, id, now],
  );
  if (canceled.length > 0) await recordChange(tx, accountId, 'bulk_retry', id);
  return canceled.length > 0;
}

function notFound(): Refusal {
  return refuse(
    UserErrorCode.NOT_FOUND,
    'There is no such bulk retry. `retryDeliveries` answers with the ID of each.',
    ['id'],
  );
}
