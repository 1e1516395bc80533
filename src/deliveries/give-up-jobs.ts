import { changeHeldCounts, type HeldChange } from '../endpoints/held-count.js';
import { RECORD_CHANGED_DELIVERIES } from '../storage/changes.js';
import type { Database, Statement } from '../storage/database.js';
import { greatest, least } from '../storage/ids.js';
import type { ClaimedJob, Queue } from '../storage/queue.js';

// A job of a disabled endpoint leaves its delivery, which is held from now on if it was not before. All others are
// stale: their deliveries have another job, or are gone.
const GIVE_UP: Statement = {
  name: 'give_up_jobs',
  text: `
    with found as materialized (
      select d.account_id, d.id, e.disabled_at is not null and d.livemode and d.status in ('PENDING', 'RETRYING') as holds
        from (select * from unnest($1::text[], $2::uuid[], $3::uuid[]) as j (account_id, delivery_id, job_id)
               order by 1, 2) j
       cross join lateral (
         select account_id, id, endpoint_id, livemode, status from webhooks.deliveries
          where account_id = j.account_id and id = j.delivery_id and id between $4 and $5 and job_id = j.job_id
            for update) d
       cross join lateral (
         select disabled_at from webhooks.endpoints
          where account_id = d.account_id and id = d.endpoint_id and deleted_at is null offset 0) e),
    given as (
      update webhooks.deliveries d
         set job_id = null, job_trigger = null, status = case when f.holds then 'HELD' else d.status end,
             version = d.version + f.holds::int, updated_at = case when f.holds then $6 else d.updated_at end
        from found f
       where d.account_id = f.account_id and d.id = f.id and d.id between $4 and $5
      returning d.account_id, d.id, d.endpoint_id, d.event_id, f.holds),
    changed as (select * from given where holds),
    recorded as (${RECORD_CHANGED_DELIVERIES})
    select account_id as "accountId", endpoint_id as "endpointId", count(*)::int as count from changed group by 1, 2`,
};

/** Drops claimed jobs that may not start. What is still owed of them is held, or finds its way back to the queue. */
export async function giveUpJobs(db: Database, queue: Queue, jobs: readonly ClaimedJob[], now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const removed = await queue.remove(tx, jobs);
    const ours = jobs.filter(({ id }) => removed.has(id));
    if (ours.length === 0) return;
    const deliveryIds = ours.map(({ deliveryId }) => deliveryId);
    const held = await tx.query<HeldChange>(GIVE_UP, [
      ours.map(({ accountId }) => accountId),
      deliveryIds,
      ours.map(({ id }) => id),
      least(deliveryIds),
      greatest(deliveryIds),
      now,
    ]);
    await changeHeldCounts(tx, held);
  });
}
