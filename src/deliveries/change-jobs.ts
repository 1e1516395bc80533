import type { Statement, Transaction } from '../storage/database.js';
import { greatest, least } from '../storage/ids.js';
import { isQueuedSql } from '../storage/queue-statements.js';

// Nobody sees which job a delivery has, so this is no new version.
const CHANGE_JOBS: Statement = {
  name: 'change_jobs',
  text: `
    update webhooks.deliveries d
       set job_id = j.job_id, job_trigger = case when j.job_id is not null then d.job_trigger end
      from unnest($1::text[], $2::uuid[], $3::uuid[]) as j (account_id, id, job_id)
     where d.account_id = j.account_id and d.id = j.id and d.id between $4 and $5 and not ${isQueuedSql('d.job_id')}
    returning d.id`,
};

/** A delivery and the job that it is to have; null for none. */
export interface JobChange {
  accountId: string;
  deliveryId: string;
  jobId: string | null;
}

/**
 * Gives other jobs, for the same trigger, to locked deliveries whose jobs are gone. One whose job can still be claimed keeps
 * it. Answers the ids of those that were changed.
 */
export async function changeJobs(tx: Transaction, changes: readonly JobChange[]): Promise<Set<string>> {
  if (changes.length === 0) return new Set();
  const deliveryIds = changes.map(({ deliveryId }) => deliveryId);
  const rows = await tx.query<{ id: string }>(CHANGE_JOBS, [
    changes.map(({ accountId }) => accountId),
    deliveryIds,
    changes.map(({ jobId }) => jobId),
    least(deliveryIds),
    greatest(deliveryIds),
  ]);
  return new Set(rows.map(({ id }) => id));
}
