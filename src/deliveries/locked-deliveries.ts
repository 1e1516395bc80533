import type { HeldChange } from '../endpoints/held-count.js';
import { RECORD_CHANGED_DELIVERIES } from '../storage/changes.js';
import type { Statement, Transaction } from '../storage/database.js';
import { greatest, least } from '../storage/ids.js';
import { DeliveryStatus } from './delivery-status.js';
import type { DeliveryState } from './next-state.js';

/** A delivery whose row this transaction has locked. */
export interface LockedDelivery extends DeliveryState {
  accountId: string;
  id: string;
  endpointId: string;
  eventType: string;
  livemode: boolean;
  /** Whether its endpoint is disabled, as far as this statement sees. */
  isDisabled: boolean;
  /** Whether its endpoint is deleted. */
  isDeleted: boolean;
}

interface DeliveryKey {
  accountId: string;
  deliveryId: string;
}

const LOCK_DELIVERIES: Statement = {
  name: 'lock_deliveries',
  text: `
    select d.*, e.disabled_at is not null as "isDisabled", (e.id is null or e.deleted_at is not null) as "isDeleted"
      from (select * from unnest($1::text[], $2::uuid[]) as j (account_id, delivery_id)
             group by 1, 2 order by 1, 2) j
     cross join lateral (
       select account_id as "accountId", id, endpoint_id as "endpointId", event_type as "eventType", livemode, status,
              attempt_count as "attemptCount", scheduled_attempt_count as "scheduledAttemptCount",
              next_attempt_at as "dueAt", job_id as "jobId", completed_at as "completedAt"
         from webhooks.deliveries
        where account_id = j.account_id and id = j.delivery_id and id between $3 and $4
          for update) d
      left join webhooks.endpoints e on e.account_id = d."accountId" and e.id = d."endpointId"`,
};

const FIND_EXISTING: Statement = {
  name: 'find_existing_deliveries',
  text: `
    select d.account_id as "accountId", d.id as "deliveryId"
      from unnest($1::text[], $2::uuid[]) as j (account_id, delivery_id)
     cross join lateral (
       select account_id, id from webhooks.deliveries
        where account_id = j.account_id and id = j.delivery_id and id between $3 and $4
       offset 0) d`,
};

/** Locks deliveries in the order of their ids. Answers them by id; those that are gone are missing. */
export async function lockDeliveries(
  tx: Transaction,
  keys: readonly DeliveryKey[],
): Promise<Map<string, LockedDelivery>> {
  const locked = new Map<string, LockedDelivery>();
  for (let left = keys; left.length > 0; ) {
    const rows = await tx.query<LockedDelivery>(LOCK_DELIVERIES, parametersOf(left));
    for (const row of rows) locked.set(row.id, row);
    left = left.filter(({ deliveryId }) => !locked.has(deliveryId));
    // A row that another transaction changed while this one waited for it drops out of a LATERAL: it is not gone.
    if (left.length > 0) left = await tx.query<DeliveryKey>(FIND_EXISTING, parametersOf(left));
  }
  return locked;
}

function parametersOf(keys: readonly DeliveryKey[]): unknown[] {
  const deliveryIds = keys.map(({ deliveryId }) => deliveryId);
  return [keys.map(({ accountId }) => accountId), deliveryIds, least(deliveryIds), greatest(deliveryIds)];
}

const UPDATE_DELIVERIES: Statement = {
  name: 'update_deliveries',
  text: `
    with changed as (
      update webhooks.deliveries d
         set status = a.status, attempt_count = a.attempt_count, scheduled_attempt_count = a.scheduled_attempt_count,
             next_attempt_at = a.next_attempt_at, job_id = a.job_id,
             job_trigger = case when a.job_id is null then null
                                when a.job_id = d.job_id then d.job_trigger
                                else 'SCHEDULED' end,
             completed_at = a.completed_at, version = d.version + 1, updated_at = $9
        from unnest($1::text[], $2::uuid[], $3::text[], $4::int[], $5::int[], $6::timestamptz[], $7::uuid[],
                    $8::timestamptz[])
          as a (account_id, id, status, attempt_count, scheduled_attempt_count, next_attempt_at, job_id, completed_at)
       where d.account_id = a.account_id and d.id = a.id and d.id between $10 and $11
      returning d.account_id, d.id, d.endpoint_id, d.event_id)
    ${RECORD_CHANGED_DELIVERIES}`,
};

/** Writes what became of locked deliveries. */
export async function updateDeliveries(tx: Transaction, rows: readonly LockedDelivery[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  await tx.query(UPDATE_DELIVERIES, [
    rows.map(({ accountId }) => accountId),
    ids,
    rows.map(({ status }) => status),
    rows.map(({ attemptCount }) => attemptCount),
    rows.map(({ scheduledAttemptCount }) => scheduledAttemptCount),
    rows.map(({ dueAt }) => dueAt),
    rows.map(({ jobId }) => jobId),
    rows.map(({ completedAt }) => completedAt),
    now,
    least(ids),
    greatest(ids),
  ]);
}

/** How many more deliveries of each endpoint are held after a change than were before it; fewer when negative. */
export function heldChanges(before: readonly LockedDelivery[], after: readonly LockedDelivery[]): HeldChange[] {
  const change = (sign: 1 | -1) => (row: LockedDelivery) => ({
    accountId: row.accountId,
    endpointId: row.endpointId,
    count: row.status === DeliveryStatus.HELD ? sign : 0,
  });
  const changed = new Set(after.map(({ id }) => id));
  return [...after.map(change(1)), ...before.filter(({ id }) => changed.has(id)).map(change(-1))];
}
