import { changeHeldCounts } from '../endpoints/held-count.js';
import type { Database, Transaction } from '../storage/database.js';
import { newId } from '../storage/ids.js';
import { type ClaimedJob, Lane, type Queue } from '../storage/queue.js';
import { changeJobs } from './change-jobs.js';
import { DeliveryStatus, isFinal } from './delivery-status.js';
import { heldChanges, type LockedDelivery, lockDeliveries, updateDeliveries } from './locked-deliveries.js';

/** Should a job be unable to start for any other reason, it is not tried without a pause. */
const AGAIN_AFTER_MS = 500;

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
    await replaceJobs(tx, queue, others, new Date(now.getTime() + AGAIN_AFTER_MS));
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

async function replaceJobs(
  tx: Transaction,
  queue: Queue,
  deliveries: readonly LockedDelivery[],
  dueAt: Date,
): Promise<void> {
  const changes = deliveries.map(({ accountId, endpointId, id, isDisabled, isDeleted }) => {
    return { accountId, endpointId, deliveryId: id, jobId: isDisabled || isDeleted ? null : newId() };
  });
  await changeJobs(tx, changes);
  await queue.insert(
    tx,
    changes.flatMap(({ jobId, ...one }) => (jobId === null ? [] : [{ ...one, id: jobId, lane: Lane.Bulk, dueAt }])),
  );
}
