import { type Refusal, refuse, UserErrorCode } from '../refusal.js';
import { recordChange } from '../storage/changes.js';
import { BulkRetry } from './bulk-retry.js';
import type { BulkRetryOptions } from './start-bulk-retry.js';

/**
 * Calls a bulk retry off: nothing more of it is queued once this has answered. What was queued is attempted all the
 * same. One that is over is answered as it is.
 */
export async function cancelBulkRetry(
  { database, doorbell, clock }: BulkRetryOptions,
  accountId: string,
  id: string | null,
): Promise<BulkRetry | Refusal> {
  const now = new Date(clock.now());
  const result =
    id &&
    (await database.transaction(async (tx) => {
      // The chunks come first, as they do for those who work on them; theirs is the wait for whoever is at one.
      await tx.query('delete from webhooks.bulk_retry_chunks where account_id = $1 and bulk_retry_id = $2', [
        accountId,
        id,
      ]);
      const canceled = await tx.query(
        `update webhooks.bulk_retries set status = 'CANCELED', completed_at = $3
        where account_id = $1 and id = $2 and status = 'RUNNING' returning id`,
        [accountId, id, now],
      );
      if (canceled.length > 0) await recordChange(tx, accountId, 'bulk_retry', id);
      return tx.manager.findOneBy(BulkRetry, { accountId, id });
    }));
  doorbell.ring('changed');
  return result || notFound();
}

function notFound(): Refusal {
  return refuse(
    UserErrorCode.NOT_FOUND,
    'There is no such bulk retry. `retryDeliveries` answers with the ID of each.',
    ['id'],
  );
}
