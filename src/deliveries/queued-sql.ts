import { MAX_ID, NIL_ID } from '../storage/ids.js';

/**
 * SQL: whether a delivery has a job. Every id lies between these two: without statistics PostgreSQL takes a job for the
 * rule, and would read all of an endpoint's deliveries to find the few that have one.
 */
export function hasJobSql(delivery: string): string {
  return `${delivery}.job_id between '${NIL_ID}' and '${MAX_ID}'`;
}

/** SQL: whether a delivery has a job that may start by `now`. */
export function isQueuedBySql(delivery: string, now: string): string {
  return `${hasJobSql(delivery)}
    and (${delivery}.next_attempt_at is null or ${delivery}.next_attempt_at <= ${now} or ${delivery}.job_trigger = 'MANUAL')`;
}

/**
 * SQL: `with` the endpoints that deliveries without a job are open for, as `waiting`. A loose index scan: one step per endpoint,
 * however many deliveries of it are waiting.
 */
export const WITH_WAITING = `with recursive waiting as (
    (select account_id, endpoint_id from webhooks.deliveries
      where job_id is null and status in ('PENDING', 'RETRYING')
      order by account_id, endpoint_id limit 1)
    union all
    select n.account_id, n.endpoint_id from waiting w
     cross join lateral (
       select account_id, endpoint_id from webhooks.deliveries
        where job_id is null and status in ('PENDING', 'RETRYING')
          and (account_id, endpoint_id) > (w.account_id, w.endpoint_id)
        order by account_id, endpoint_id limit 1) n)`;
