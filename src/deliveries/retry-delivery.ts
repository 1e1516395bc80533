import type { EntityManager } from 'typeorm';
import { WebhookEndpoint } from '../endpoints/endpoint.js';
import type { Log } from '../log.js';
import { Refusal, refuse, UserErrorCode } from '../refusal.js';
import { recordChange } from '../storage/changes.js';
import type { Clock } from '../storage/clock.js';
import type { Database, Transaction } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { newId } from '../storage/ids.js';
import { idFields } from '../storage/log-fields.js';
import { Lane, type Queue } from '../storage/queue.js';
import { AttemptTrigger } from './attempt.js';
import { Delivery } from './delivery.js';
import { DeliveryStatus } from './delivery-status.js';
import { release } from './hold.js';

export interface RetryOptions {
  database: Database;
  queue: Queue;
  doorbell: Doorbell;
  clock: Clock;
  log: Log;
}

/**
 * Asks for one more attempt, now. Its job takes the place of the one that the delivery had. While an attempt is under
 * way or due this moment the delivery is answered as it stands.
 */
export async function retryDelivery(
  { database, queue, doorbell, clock, log }: RetryOptions,
  accountId: string,
  id: string | null,
): Promise<Delivery | Refusal> {
  let isQueued = false;
  const result = await database.transaction(async (tx) => {
    const delivery = id && (await lock(tx.manager, accountId, id));
    // Not before: the attempt that was due while this waited for the row is under way by now.
    const now = new Date(clock.now());
    if (!delivery) return notFound();
    const endpoint = await tx.manager.findOneBy(WebhookEndpoint, { accountId, id: delivery.endpointId });
    if (!endpoint || endpoint.deletedAt) return notFound();
    if (!delivery.livemode) {
      const message = 'A test event is sent once. Send another with `sendTestEvent`.';
      return refuse(UserErrorCode.NOT_RETRYABLE, message, ['id']);
    }
    if (endpoint.disabledAt) {
      return refuse(UserErrorCode.ENDPOINT_DISABLED, 'The endpoint is disabled. Enable it, then retry.', ['id']);
    }
    if (delivery.status === DeliveryStatus.HELD) await releaseOne(tx, delivery, now);
    if (isUnderWay(delivery, now) || (await isClaimed(tx, queue, delivery))) return delivery;
    delivery.jobId = newId(now.getTime());
    delivery.jobTrigger = AttemptTrigger.MANUAL;
    delivery.version += 1;
    delivery.updatedAt = now;
    const { jobId, jobTrigger, version, updatedAt, endpointId, eventId } = delivery;
    await tx.manager.update(Delivery, { accountId, id: delivery.id }, { jobId, jobTrigger, version, updatedAt });
    await recordChange(tx, accountId, 'delivery', delivery.id, { endpointId, eventId });
    await queue.insert(tx, [{ id: jobId, accountId, deliveryId: delivery.id, endpointId, lane: Lane.Fresh }]);
    isQueued = true;
    return delivery;
  });
  if (isQueued && !(result instanceof Refusal)) {
    const { id: deliveryId, endpointId, eventId, status, attemptCount: attempts } = result;
    log.info(
      { ...idFields({ accountId, eventId, endpointId, deliveryId }), status, attempts },
      'delivery retried by hand',
    );
  }
  doorbell.ring('due');
  doorbell.ring('changed');
  return result;
}

/** The endpoint was enabled a moment ago, and this one's turn has not come yet. */
async function releaseOne(tx: Transaction, delivery: Delivery, now: Date): Promise<void> {
  await release(tx, delivery, [delivery.id], now);
  delivery.status = delivery.attemptCount === 0 ? DeliveryStatus.PENDING : DeliveryStatus.RETRYING;
  delivery.version += 1;
  delivery.updatedAt = now;
}

/** Whether an attempt is being made or about to be: the first one, one that is due, or another manual retry. */
export function isUnderWay(
  { status, dueAt, jobTrigger }: Pick<Delivery, 'status' | 'dueAt' | 'jobTrigger'>,
  now: Date,
): boolean {
  const isDue = dueAt !== null && dueAt <= now;
  return (
    jobTrigger === AttemptTrigger.MANUAL ||
    status === DeliveryStatus.PENDING ||
    (isDue && status === DeliveryStatus.RETRYING)
  );
}

/**
 * Whether a dispatcher has the delivery's job in hand. If not, the job is withdrawn: a dispatcher that claimed it now would
 * not see yet that another takes its place.
 */
async function isClaimed(tx: Transaction, queue: Queue, { jobId }: Delivery): Promise<boolean> {
  return jobId !== null && (await queue.withdraw(tx, [jobId])).has(jobId);
}

async function lock(manager: EntityManager, accountId: string, id: string): Promise<Delivery | null> {
  return manager.findOne(Delivery, { where: { accountId, id }, lock: { mode: 'pessimistic_write' } });
}

function notFound(): Refusal {
  return refuse(UserErrorCode.NOT_FOUND, 'There is no such delivery. The query `deliveries` lists those there are.', [
    'id',
  ]);
}
