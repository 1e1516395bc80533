import { changeHeldCounts } from '../endpoints/held-count.js';
import type { Database } from '../storage/database.js';
import type { ClaimedJob, Queue } from '../storage/queue.js';
import { DeliveryStatus, isFinal } from './delivery-status.js';
import { heldChanges, type LockedDelivery, lockDeliveries, updateDeliveries } from './locked-deliveries.js';

/**
 * Drops claimed jobs that may not start. A job of a disabled endpoint leaves its delivery, which is held from now on;
 * all others are stale: their deliveries have another job by now, or are gone.
 */
export async function giveUpJobs(db: Database, queue: Queue, jobs: readonly ClaimedJob[], now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const removed = await queue.remove(tx, jobs);
    const ours = jobs.filter(({ id }) => removed.has(id));
    const deliveries = await lockDeliveries(tx, ours);
    const before = ours.flatMap(({ id, deliveryId }) => {
      const delivery = deliveries.get(deliveryId);
      return delivery?.jobId === id ? [delivery] : [];
    });
    const after = before.map(withoutJob);
    await updateDeliveries(tx, after, now);
    await changeHeldCounts(tx, heldChanges(before, after));
  });
}

function withoutJob(delivery: LockedDelivery): LockedDelivery {
  const holds = delivery.isDisabled && delivery.livemode && !isFinal(delivery.status);
  return { ...delivery, jobId: null, status: holds ? DeliveryStatus.HELD : delivery.status };
}
