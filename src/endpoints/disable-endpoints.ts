import type { Statement, Transaction } from '../storage/database.js';
import { DisabledReason } from './endpoint.js';
import type { EndpointKey } from './endpoint-key.js';

const RECORD_DISABLED = `
  recorded as (
    insert into webhooks.changes (account_id, subject, subject_id, endpoint_id)
    select account_id, 'endpoint', id, id from disabled)
  select account_id as "accountId", id as "endpointId" from disabled`;

// A person who changed the endpoint after the request was made may have mended it: the next answer counts.
const DISABLE_GONE: Statement = {
  name: 'disable_gone',
  text: `
    with chosen as materialized (
      select e.account_id, e.id from webhooks.endpoints e
        join (select distinct * from unnest($1::text[], $2::uuid[], $3::int[]) as g (account_id, id, version)) g
          on e.account_id = g.account_id and e.id = g.id and e.version = g.version
       where e.disabled_at is null and e.deleted_at is null
       order by e.account_id, e.id
         for update of e),
    disabled as (
      update webhooks.endpoints e set disabled_at = $4, disabled_reason = '${DisabledReason.GONE}'
        from chosen c where e.account_id = c.account_id and e.id = c.id
      returning e.account_id, e.id),
    ${RECORD_DISABLED}`,
};

/** Disables endpoints that answered 410 and are still at the version that the request was made for. */
export async function disableGone(
  tx: Transaction,
  endpoints: readonly (EndpointKey & { version: number })[],
  now: Date,
): Promise<EndpointKey[]> {
  if (endpoints.length === 0) return [];
  return tx.query(DISABLE_GONE, [
    endpoints.map(({ accountId }) => accountId),
    endpoints.map(({ endpointId }) => endpointId),
    endpoints.map(({ version }) => version),
    now,
  ]);
}

const DISABLE_FAILING: Statement = {
  name: 'disable_failing',
  text: `
    with chosen as materialized (
      select e.account_id, e.id from webhooks.endpoint_health h
        join webhooks.endpoints e on e.account_id = h.account_id and e.id = h.endpoint_id
       where h.failing_since <= $1::timestamptz - $2 * interval '1 millisecond'
         and h.last_failed_at >= h.failing_since + $2 * interval '1 millisecond'
         and e.disabled_at is null and e.deleted_at is null
         for update of e, h skip locked),
    disabled as (
      update webhooks.endpoints e set disabled_at = $1, disabled_reason = '${DisabledReason.FAILING_TOO_LONG}'
        from chosen c where e.account_id = c.account_id and e.id = c.id
      returning e.account_id, e.id),
    ${RECORD_DISABLED}`,
};

/** Disables endpoints on which every attempt has failed for so long: the first and the last are that far apart. */
export async function disableFailing(tx: Transaction, afterMs: number, now: Date): Promise<EndpointKey[]> {
  return tx.query(DISABLE_FAILING, [now, afterMs]);
}
