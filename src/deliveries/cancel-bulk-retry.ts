import { type Refusal, refuse, UserErrorCode } from '../refusal.js';
import { recordChange } from '../storage/changes.js';
import type { Transaction } from '../storage/database.js';
import { BulkRetry } from './bulk-retry.js';
import { deleteChunks } from './bulk-retry-chunks.js';
import type { BulkRetryOptions } from './start-bulk-retry.js';

/**
 * Calls a bulk retry off: once this has answered, nothing more of it is queued. What was queued is attempted all the
 * same. One that is over is answered as it is.
 */
export async function cancelBulkRetry(
  { database, doorbell, clock }: BulkRetryOptions,
  accountId: string,
  id: string | null,
): Promise<BulkRetry | Refusal> {
  if (id === null) return notFound();
  const bulkRetry = await database.transaction(async (tx) => {
    // In the order in which those who work on it lock: chunks, then the bulk retry.
    await deleteChunks(tx, accountId, id);
    await cancel(tx, accountId, id, new Date(clock.now()));
    return tx.manager.findOneBy(BulkRetry, { accountId, id });
  });
  doorbell.ring('changed');
  return bulkRetry ?? notFound();
}

async function cancel(tx: Transaction, accountId: string, id: string, now: Date): Promise<void> {
  const canceled = await tx.query(
    `update webhooks.bulk_retries set status = 'CANCELED', completed_at = $3
      where account_id = $1 and id = $2 and status = 'RUNNING' returning id`,
    [accountId, id, now],
  );
  if (canceled.length > 0) await recordChange(tx, accountId, 'bulk_retry', id);
}

function notFound(): Refusal {
  return refuse(
    UserErrorCode.NOT_FOUND,
    'There is no such bulk retry. `retryDeliveries` answers with the ID of each.',
    ['id'],
  );
}
