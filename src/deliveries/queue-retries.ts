import type { EndpointKey } from '../endpoints/endpoint-key.js';
import { RECORD_CHANGED_DELIVERIES } from '../storage/changes.js';
import type { Clock } from '../storage/clock.js';
import type { Statement, Transaction } from '../storage/database.js';
import { greatest, least, newId } from '../storage/ids.js';
import { Lane, type Queue } from '../storage/queue.js';
import { AttemptTrigger } from './attempt.js';
import type { Delivery } from './delivery.js';
import { DeliveryStatus } from './delivery-status.js';
import { isUnderWay } from './retry-delivery.js';

const LOCK_TO_RETRY: Statement = {
  name: 'lock_to_retry',
  text: `
    select id, livemode, status, next_attempt_at as "dueAt", job_id as "jobId", job_trigger as "jobTrigger"
      from webhooks.deliveries
     where account_id = $1 and id = any ($2::uuid[]) and id between $3 and $4
     order by id
       for update`,
};

const ASSIGN_RETRIES: Statement = {
  name: 'assign_retries',
  text: `
    with changed as (
      update webhooks.deliveries d
         set job_id = j.job_id, job_trigger = '${AttemptTrigger.MANUAL}', version = d.version + 1, updated_at = $4
        from unnest($2::uuid[], $3::uuid[]) as j (id, job_id)
       where d.account_id = $1 and d.id = j.id and d.id between $5 and $6
      returning d.account_id, d.id, d.endpoint_id, d.event_id)
    ${RECORD_CHANGED_DELIVERIES}`,
};

type Candidate = Pick<Delivery, 'id' | 'livemode' | 'status' | 'dueAt' | 'jobId' | 'jobTrigger'>;

/**
 * Queues one more attempt for those of an endpoint's deliveries that `retryDelivery` would queue one for; the others,
 * and those that are gone, are left as they are. Nobody waits for a particular one, so they go behind what is fresh.
 * Answers how many it queued.
 */
export async function queueRetries(
  tx: Transaction,
  queue: Queue,
  { accountId, endpointId }: EndpointKey,
  deliveryIds: readonly string[],
  clock: Clock,
): Promise<number> {
  const [first, last] = [least(deliveryIds), greatest(deliveryIds)];
  const rows = await tx.query<Candidate>(LOCK_TO_RETRY, [accountId, deliveryIds, first, last]);
  const now = new Date(clock.now());
  const retryable = rows.filter((delivery) => isRetryable(delivery, now));
  const claimed = await queue.withdraw(
    tx,
    retryable.flatMap(({ jobId }) => jobId ?? []),
  );
  const jobs = retryable
    .filter(({ jobId }) => jobId === null || !claimed.has(jobId))
    .map(({ id }) => ({ id: newId(), accountId, deliveryId: id, endpointId, lane: Lane.Bulk }));
  if (jobs.length === 0) return 0;
  await tx.query(ASSIGN_RETRIES, [
    accountId,
    jobs.map(({ deliveryId }) => deliveryId),
    jobs.map(({ id }) => id),
    now,
    first,
    last,
  ]);
  await queue.insert(tx, jobs);
  return jobs.length;
}

/** What is held waits for its release, which is on its way when the endpoint is enabled. */
function isRetryable(delivery: Candidate, now: Date): boolean {
  return delivery.livemode && delivery.status !== DeliveryStatus.HELD && !isUnderWay(delivery, now);
}
