import type { Statement, Transaction } from '../storage/database.js';
import { FAILURES_UNTIL_FAILING } from './endpoint-health.js';
import type { EndpointKey } from './endpoint-key.js';
import { type Findings, gatherFindings } from './health-findings.js';
import type { Settlement } from './settlement.js';

/** Endpoints whose status changed, as far as anybody is to be told of it. */
export interface HealthChanges {
  failing: EndpointKey[];
  recovered: EndpointKey[];
}

const ADD_FAILURES: Statement = {
  name: 'add_failures',
  text: `
    with changed as (
      insert into webhooks.endpoint_health as h
        (account_id, endpoint_id, consecutive_failures, failing_since, last_failed_at, exhausted_at)
      select account_id, endpoint_id, failures, failing_since, last_failed_at, exhausted_at
        from unnest($1::text[], $2::uuid[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
          as f (account_id, endpoint_id, failures, failing_since, last_failed_at, exhausted_at)
       order by account_id, endpoint_id
      on conflict (account_id, endpoint_id) do update
        set consecutive_failures = h.consecutive_failures + excluded.consecutive_failures,
            failing_since = coalesce(h.failing_since, excluded.failing_since),
            last_failed_at = greatest(h.last_failed_at, excluded.last_failed_at),
            exhausted_at = coalesce(excluded.exhausted_at, h.exhausted_at)
      returning account_id, endpoint_id, consecutive_failures, exhausted_at, failing_noted_at)
    select account_id as "accountId", endpoint_id as "endpointId" from changed
     where failing_noted_at is null and (exhausted_at is not null or consecutive_failures >= ${FAILURES_UNTIL_FAILING})`,
};

// A healthy endpoint that stays healthy has no row that matches: nothing is locked, nothing written.
const RESET: Statement = {
  name: 'reset_health',
  text: `
    with changed as (
      update webhooks.endpoint_health h
         set consecutive_failures = 0, failing_since = null, last_failed_at = null, exhausted_at = null,
             failing_noted_at = case when not u.is_told then h.failing_noted_at end
        from (select h.account_id, h.endpoint_id, h.failing_noted_at, s.is_told
                from unnest($1::text[], $2::uuid[], $3::boolean[]) as s (account_id, endpoint_id, is_told)
                join webhooks.endpoint_health h on h.account_id = s.account_id and h.endpoint_id = s.endpoint_id
               where h.consecutive_failures > 0 or h.exhausted_at is not null
                  or (s.is_told and h.failing_noted_at is not null)
               order by h.account_id, h.endpoint_id
                 for update of h) u
       where h.account_id = u.account_id and h.endpoint_id = u.endpoint_id
      returning h.account_id, h.endpoint_id, u.is_told and u.failing_noted_at is not null as has_recovered)
    select account_id as "accountId", endpoint_id as "endpointId" from changed where has_recovered`,
};

const NOTE_FAILING: Statement = {
  name: 'note_failing',
  text: `
    update webhooks.endpoint_health set failing_noted_at = $3
     where (account_id, endpoint_id) in (select * from unnest($1::text[], $2::uuid[]))`,
};

const LOCK: Statement = {
  name: 'lock_health',
  text: `
    select from webhooks.endpoint_health
     where (account_id, endpoint_id) in (select * from unnest($1::text[], $2::uuid[]))
     order by account_id, endpoint_id
       for update`,
};

/**
 * Records failures, and that a success ends them. Answers which endpoints are FAILING since, and which no longer are, as
 * deliveries other than notifications found them: one that only notifications made FAILING is left for the next failure
 * of anything else, or nobody would ever hear of it.
 */
export async function updateHealth(
  tx: Transaction,
  settlements: readonly Settlement[],
  now: Date,
): Promise<HealthChanges> {
  const findings = gatherFindings(settlements);
  const succeeded = findings.filter(({ hasSucceeded }) => hasSucceeded);
  const failed = findings.filter(({ failuresSince }) => failuresSince > 0);
  // Each is in the order of keys by itself; both together have to be.
  if (succeeded.length > 0 && failed.length > 0) await tx.query(LOCK, keysOf(findings));
  const recovered = await reset(tx, succeeded);
  const failing = await addFailures(tx, failed, now);
  // What recovered and fails again in the same moment is what it was.
  return { failing: without(failing, recovered), recovered: without(recovered, failing) };
}

/** Lets endpoints start afresh, as if nothing had ever failed. */
export async function forgetFailures(tx: Transaction, endpoints: readonly EndpointKey[]): Promise<void> {
  await reset(
    tx,
    endpoints.map((endpoint) => ({ ...endpoint, isSuccessTold: true })),
  );
}

/** Answers those that were noted as FAILING. */
async function reset(
  tx: Transaction,
  succeeded: readonly (EndpointKey & Pick<Findings, 'isSuccessTold'>)[],
): Promise<EndpointKey[]> {
  if (succeeded.length === 0) return [];
  return tx.query<EndpointKey>(RESET, [...keysOf(succeeded), succeeded.map(({ isSuccessTold }) => isSuccessTold)]);
}

/** Answers those that are noted as FAILING from now on. */
async function addFailures(tx: Transaction, failed: readonly Findings[], now: Date): Promise<EndpointKey[]> {
  if (failed.length === 0) return [];
  const unnoted = await tx.query<EndpointKey>(ADD_FAILURES, [
    ...keysOf(failed),
    failed.map(({ failuresSince }) => failuresSince),
    failed.map(({ failingSince }) => failingSince),
    failed.map(({ lastFailedAt }) => lastFailedAt),
    failed.map(({ exhaustedAt }) => exhaustedAt),
  ]);
  const told = new Set(failed.filter(({ isFailureTold }) => isFailureTold).map(({ endpointId }) => endpointId));
  const failing = unnoted.filter(({ endpointId }) => told.has(endpointId));
  if (failing.length > 0) await tx.query(NOTE_FAILING, [...keysOf(failing), now]);
  return failing;
}

function without(endpoints: readonly EndpointKey[], others: readonly EndpointKey[]): EndpointKey[] {
  return endpoints.filter(({ endpointId }) => !others.some((other) => other.endpointId === endpointId));
}

function keysOf(endpoints: readonly EndpointKey[]): unknown[] {
  return [endpoints.map(({ accountId }) => accountId), endpoints.map(({ endpointId }) => endpointId)];
}
