import { changeHeldCounts } from '../endpoints/held-count.js';
import type { Database, Statement, Transaction } from '../storage/database.js';
import { greatest, least, newId } from '../storage/ids.js';
import { type ClaimedJob, Lane, type Queue } from '../storage/queue.js';
import { DeliveryStatus, isFinal } from './delivery-status.js';
import { heldChanges, type LockedDelivery, lockDeliveries, updateDeliveries } from './locked-deliveries.js';

/** Should a job be unable to start for any other reason, it is not tried without a pause. */
const AGAIN_AFTER_MS = 500;

// Nobody sees which job a delivery has, so this is no new version.
const CHANGE_JOBS: Statement = {
  name: 'change_jobs',
  text: `
    update webhooks.deliveries d
       set job_id = j.job_id, job_trigger = case when j.job_id is not null then d.job_trigger end
      from unnest($1::text[], $2::uuid[], $3::uuid[]) as j (account_id, id, job_id)
     where d.account_id = j.account_id and d.id = j.id and d.id between $4 and $5`,
};

/**
 * Drops claimed jobs that may not start. A job of a disabled endpoint leaves its delivery, which is held from now on;
 * where the endpoint was enabled that moment, another job takes its place. All others are stale: their deliveries have
 * another job by now, or are gone.
 */
export async function giveUpJobs(db: Database, queue: Queue, jobs: readonly ClaimedJob[], now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const removed = await queue.remove(tx, jobs);
    const ours = jobs.filter(({ id }) => removed.has(id));
    const locked = await lockDeliveries(tx, ours);
    const left = ours.flatMap(({ id, deliveryId }) => {
      const delivery = locked.get(deliveryId);
      return delivery?.jobId === id ? [{ ...delivery, jobId: null }] : [];
    });
    const { before, after, others } = divide(left);
    await updateDeliveries(tx, after, now);
    await changeJobs(tx, queue, others, new Date(now.getTime() + AGAIN_AFTER_MS));
    await changeHeldCounts(tx, heldChanges(before, after));
  });
}

/** Those that become held, before and after, and those whose status stays. */
function divide(left: readonly LockedDelivery[]) {
  const isToHold = ({ status, livemode, isDisabled, isDeleted }: LockedDelivery) =>
    isDisabled && !isDeleted && livemode && !isFinal(status) && status !== DeliveryStatus.HELD;
  const before = left.filter(isToHold);
  return {
    before,
    after: before.map((delivery) => ({ ...delivery, status: DeliveryStatus.HELD })),
    others: left.filter((delivery) => !isToHold(delivery)),
  };
}

async function changeJobs(
  tx: Transaction,
  queue: Queue,
  deliveries: readonly LockedDelivery[],
  dueAt: Date,
): Promise<void> {
  if (deliveries.length === 0) return;
  const mayStart = ({ isDisabled, isDeleted }: LockedDelivery) => !isDisabled && !isDeleted;
  const changed = deliveries.map((delivery) => ({ ...delivery, jobId: mayStart(delivery) ? newId() : null }));
  const ids = changed.map(({ id }) => id);
  await tx.query(CHANGE_JOBS, [
    changed.map(({ accountId }) => accountId),
    ids,
    changed.map(({ jobId }) => jobId),
    least(ids),
    greatest(ids),
  ]);
  await queue.insert(
    tx,
    changed.flatMap(({ accountId, endpointId, id, jobId }) =>
      jobId === null ? [] : [{ id: jobId, accountId, deliveryId: id, endpointId, lane: Lane.Bulk, dueAt }],
    ),
  );
}
