import type { EndpointKey } from '../endpoints/endpoint-key.js';
import type { Log } from '../log.js';
import { type Database, isUnreachable, type Statement, type Transaction } from '../storage/database.js';
import { idFields } from '../storage/log-fields.js';
import { holdSome, releaseSome } from './hold.js';
import { hasJobSql, WITH_WAITING } from './queued-sql.js';

const BATCH = 2_000;

const FIND_DISABLED_WITH_OPEN: Statement = {
  name: 'find_disabled_with_open',
  text: `
    select e.account_id as "accountId", e.id as "endpointId" from webhooks.endpoints e
     where e.disabled_at >= $1 and e.deleted_at is null
       and (exists (select from webhooks.deliveries d
                     where d.account_id = e.account_id and d.endpoint_id = e.id and d.job_id is null
                       and d.status in ('PENDING', 'RETRYING') and d.livemode)
         or exists (select from webhooks.deliveries d
                     where d.account_id = e.account_id and d.endpoint_id = e.id and ${hasJobSql('d')}
                       and d.status in ('PENDING', 'RETRYING') and d.livemode))`,
};

const FIND_STRAY: Statement = {
  name: 'find_stray',
  text: `
    ${WITH_WAITING}
    select 1 as found from waiting w
      join webhooks.endpoints e on e.account_id = w.account_id and e.id = w.endpoint_id
     where e.disabled_at < $1 and e.deleted_at is null
       and exists (select from webhooks.deliveries d
                    where d.account_id = w.account_id and d.endpoint_id = w.endpoint_id
                      and d.job_id is null and d.status in ('PENDING', 'RETRYING') and d.livemode)
     limit 1`,
};

/** Whether something is open though its endpoint was disabled before: published by a transaction that is not ours. */
export async function hasStray(db: Database, disabledBefore: Date): Promise<boolean> {
  return (await db.query(FIND_STRAY, [disabledBefore])).length > 0;
}

const FIND_ENABLED_WITH_HELD: Statement = {
  name: 'find_enabled_with_held',
  text: `
    select h.account_id as "accountId", h.endpoint_id as "endpointId"
      from webhooks.endpoint_held h
      join webhooks.endpoints e on e.account_id = h.account_id and e.id = h.endpoint_id
     where h.count > 0 and e.disabled_at is null and e.deleted_at is null`,
};

// Whoever enables, disables or deletes the endpoint waits for a batch at most, and then decides.
const LOCK_ENDPOINT: Statement = {
  name: 'lock_endpoint_to_hold',
  text: `
    select disabled_at is not null as disabled from webhooks.endpoints
     where account_id = $1 and id = $2 and deleted_at is null
       for update skip locked`,
};

/**
 * Brings deliveries in line with their endpoints: what is open though the endpoint is disabled becomes held, and what
 * is held though it is enabled is released. Takes a batch of one endpoint after the other, so that a large one keeps no
 * other waiting. Answers how many it moved, and at how many endpoints it failed; as long as it moves some, there may be
 * more.
 *
 * @param disabledSince open deliveries of endpoints that were disabled before this are not looked for
 */
export async function holdAndRelease(
  db: Database,
  disabledSince: Date,
  now: Date,
  log: Log,
): Promise<{ moved: number; failed: number }> {
  const endpoints = [
    ...(await db.query<EndpointKey>(FIND_DISABLED_WITH_OPEN, [disabledSince])),
    ...(await db.query<EndpointKey>(FIND_ENABLED_WITH_HELD)),
  ];
  let [moved, failed] = [0, 0];
  for (const endpoint of endpoints) {
    const work = async (tx: Transaction) => {
      const [row] = await tx.query<{ disabled: boolean }>(LOCK_ENDPOINT, [endpoint.accountId, endpoint.endpointId]);
      if (!row) return { held: 0 };
      return row.disabled
        ? { held: await holdSome(tx, endpoint, BATCH, now) }
        : { released: await releaseSome(tx, endpoint, BATCH, now) };
    };
    try {
      const { held = 0, released = 0 } = await db.transaction<{ held?: number; released?: number }>(work);
      moved += held + released;
      if (held > 0) log.info({ ...idFields(endpoint), held }, 'deliveries held');
      if (released > 0) log.info({ ...idFields(endpoint), released }, 'deliveries released');
    } catch (error) {
      if (isUnreachable(error)) throw error;
      failed += 1;
      log.error(
        { err: error, ...idFields(endpoint) },
        'deliveries of an endpoint neither held nor released; trying again',
      );
    }
  }
  return { moved, failed };
}
