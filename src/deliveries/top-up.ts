import type { Statement, Transaction } from '../storage/database.js';
import { greatest, least, newId } from '../storage/ids.js';
import { Lane, type NewJob, type Queue } from '../storage/queue.js';
import { AttemptTrigger } from './attempt.js';
import type { Room } from './endpoint-window.js';

const FIND_DUE: Statement = {
  name: 'find_due',
  text: `
    select d.account_id as "accountId", d.endpoint_id as "endpointId", d.id as "deliveryId"
      from unnest($1::text[], $2::uuid[], $3::int[]) as w (account_id, endpoint_id, room)
     cross join lateral (
       select account_id, endpoint_id, id from webhooks.deliveries
        where account_id = w.account_id and endpoint_id = w.endpoint_id
          and job_id is null and status in ('PENDING', 'RETRYING') and next_attempt_at <= $4
        order by next_attempt_at, id
        limit w.room
          for update skip locked) d`,
};

const ASSIGN_JOBS: Statement = {
  name: 'assign_jobs',
  text: `
    update webhooks.deliveries d
       set job_id = j.job_id,
           job_trigger = case when d.livemode then '${AttemptTrigger.SCHEDULED}' else '${AttemptTrigger.TEST}' end
      from unnest($1::text[], $2::uuid[], $3::uuid[]) as j (account_id, delivery_id, job_id)
     where d.account_id = j.account_id and d.id = j.delivery_id and d.id between $4 and $5`,
};

/**
 * Gives jobs to deliveries that are due and wait outside the queue, oldest first. Answers how many each endpoint got,
 * by endpoint id; an endpoint that got less than its room has none left waiting, or another process is at it.
 */
export async function topUp(
  tx: Transaction,
  queue: Queue,
  rooms: readonly Room[],
  now: Date,
): Promise<Map<string, number>> {
  const taken = new Map<string, number>();
  if (rooms.length === 0) return taken;
  const due = await tx.query<Omit<NewJob, 'id' | 'lane'>>(FIND_DUE, [
    rooms.map(({ accountId }) => accountId),
    rooms.map(({ endpointId }) => endpointId),
    rooms.map(({ room }) => room),
    now,
  ]);
  if (due.length === 0) return taken;
  const jobs = due.map((delivery): NewJob => ({ ...delivery, id: newId(), lane: Lane.Bulk }));
  const deliveryIds = jobs.map(({ deliveryId }) => deliveryId);
  await tx.query(ASSIGN_JOBS, [
    jobs.map(({ accountId }) => accountId),
    deliveryIds,
    jobs.map(({ id }) => id),
    least(deliveryIds),
    greatest(deliveryIds),
  ]);
  await queue.insert(tx, jobs);
  for (const { endpointId } of jobs) taken.set(endpointId, (taken.get(endpointId) ?? 0) + 1);
  return taken;
}
