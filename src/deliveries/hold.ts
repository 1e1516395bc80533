import type { EndpointKey } from '../endpoints/endpoint-key.js';
import { changeHeldCounts } from '../endpoints/held-count.js';
import { RECORD_CHANGED_DELIVERIES } from '../storage/changes.js';
import type { Statement, Transaction } from '../storage/database.js';
import { greatest, least } from '../storage/ids.js';
import { hasJobSql } from './queued-sql.js';

// Whoever has a row locked is about to change it; what it leaves open is found again.
const FIND_WAITING_TO_HOLD: Statement = {
  name: 'find_waiting_to_hold',
  text: `
    select id from webhooks.deliveries
     where account_id = $1 and endpoint_id = $2 and job_id is null and status in ('PENDING', 'RETRYING') and livemode
     order by next_attempt_at, id
     limit $3
       for update skip locked`,
};

const FIND_QUEUED_TO_HOLD: Statement = {
  name: 'find_queued_to_hold',
  text: `
    select id from webhooks.deliveries d
     where account_id = $1 and endpoint_id = $2 and ${hasJobSql('d')} and status in ('PENDING', 'RETRYING') and livemode
     limit $3
       for update skip locked`,
};

const HOLD: Statement = {
  name: 'hold',
  text: `
    with changed as (
      update webhooks.deliveries set status = 'HELD', version = version + 1, updated_at = $3
       where account_id = $1 and id = any ($2::uuid[]) and id between $4 and $5
      returning account_id, id, endpoint_id, event_id)
    ${RECORD_CHANGED_DELIVERIES}`,
};

const FIND_HELD: Statement = {
  name: 'find_held',
  text: `
    select id from webhooks.deliveries
     where account_id = $1 and endpoint_id = $2 and status = 'HELD'
     order by next_attempt_at, id
     limit $3
       for update skip locked`,
};

const RELEASE: Statement = {
  name: 'release',
  text: `
    with changed as (
      update webhooks.deliveries
         set status = case when attempt_count = 0 then 'PENDING' else 'RETRYING' end, version = version + 1,
             updated_at = $3
       where account_id = $1 and id = any ($2::uuid[]) and id between $4 and $5
      returning account_id, id, endpoint_id, event_id)
    ${RECORD_CHANGED_DELIVERIES}`,
};

/** Holds up to `limit` open deliveries of a disabled endpoint, and counts them. Answers how many it held. */
export async function holdSome(tx: Transaction, endpoint: EndpointKey, limit: number, now: Date): Promise<number> {
  const count = await markHeld(tx, endpoint, limit, now);
  await changeHeldCounts(tx, [{ ...endpoint, count }]);
  return count;
}

/**
 * Holds up to `limit` open deliveries of a disabled endpoint, and leaves it to the caller to count them. Their jobs stay:
 * one that comes up finds the endpoint disabled and goes, and an attempt in flight is still its delivery's own. Answers
 * how many it held.
 */
export async function markHeld(
  tx: Transaction,
  { accountId, endpointId }: EndpointKey,
  limit: number,
  now: Date,
): Promise<number> {
  const queued = await tx.query<{ id: string }>(FIND_QUEUED_TO_HOLD, [accountId, endpointId, limit]);
  const room = limit - queued.length;
  const waiting = room > 0 ? await tx.query<{ id: string }>(FIND_WAITING_TO_HOLD, [accountId, endpointId, room]) : [];
  const ids = [...queued, ...waiting].map(({ id }) => id);
  if (ids.length === 0) return 0;
  await tx.query(HOLD, [accountId, ids, now, least(ids), greatest(ids)]);
  return ids.length;
}

/**
 * Releases up to `limit` deliveries of an enabled endpoint, the longest due first. They wait as rows like any other
 * that is due, and enter the queue as its window allows. Answers how many it released.
 */
export async function releaseSome(
  tx: Transaction,
  { accountId, endpointId }: EndpointKey,
  limit: number,
  now: Date,
): Promise<number> {
  const rows = await tx.query<{ id: string }>(FIND_HELD, [accountId, endpointId, limit]);
  const ids = rows.map(({ id }) => id);
  await release(tx, { accountId, endpointId }, ids, now);
  return ids.length;
}

/** Releases held deliveries of one endpoint that this transaction has locked. */
export async function release(
  tx: Transaction,
  { accountId, endpointId }: EndpointKey,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(RELEASE, [accountId, ids, now, least(ids), greatest(ids)]);
  await changeHeldCounts(tx, [{ accountId, endpointId, count: -ids.length }]);
}
