import type { Statement, Transaction } from '../storage/database.js';
import type { Settlement } from './settlement.js';

/** What a run of attempts says about an endpoint, the earlier ones before a success left out. */
interface Findings {
  accountId: string;
  endpointId: string;
  hasSucceeded: boolean;
  failuresSince: number;
  failingSince: Date | null;
  lastFailedAt: Date | null;
  exhaustedAt: Date | null;
}

const ADD_FAILURES: Statement = {
  name: 'add_failures',
  text: `
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
          exhausted_at = coalesce(excluded.exhausted_at, h.exhausted_at)`,
};

// A healthy endpoint that stays healthy has no row that matches: nothing is locked, nothing written.
const RESET: Statement = {
  name: 'reset_health',
  text: `
    update webhooks.endpoint_health h
       set consecutive_failures = 0, failing_since = null, last_failed_at = null, exhausted_at = null
      from (select account_id, endpoint_id from webhooks.endpoint_health
             where (account_id, endpoint_id) in (select * from unnest($1::text[], $2::uuid[]))
               and (consecutive_failures > 0 or exhausted_at is not null)
             order by account_id, endpoint_id
               for update) u
     where h.account_id = u.account_id and h.endpoint_id = u.endpoint_id`,
};

const LOCK: Statement = {
  name: 'lock_health',
  text: `
    select from webhooks.endpoint_health
     where (account_id, endpoint_id) in (select * from unnest($1::text[], $2::uuid[]))
     order by account_id, endpoint_id
       for update`,
};

/** Records failures, and that a success ends them. */
export async function updateHealth(tx: Transaction, settlements: readonly Settlement[]): Promise<void> {
  const findings = gather(settlements);
  const succeeded = findings.filter(({ hasSucceeded }) => hasSucceeded);
  const failing = findings.filter(({ failuresSince }) => failuresSince > 0);
  // Each is in the order of keys by itself; both together have to be.
  if (succeeded.length > 0 && failing.length > 0) await tx.query(LOCK, keysOf(findings));
  await forgetFailures(tx, succeeded);
  if (failing.length > 0) {
    await tx.query(ADD_FAILURES, [
      failing.map(({ accountId }) => accountId),
      failing.map(({ endpointId }) => endpointId),
      failing.map(({ failuresSince }) => failuresSince),
      failing.map(({ failingSince }) => failingSince),
      failing.map(({ lastFailedAt }) => lastFailedAt),
      failing.map(({ exhaustedAt }) => exhaustedAt),
    ]);
  }
}

/** Lets endpoints start afresh, as if nothing had ever failed. */
export async function forgetFailures(
  tx: Transaction,
  endpoints: readonly Pick<Findings, 'accountId' | 'endpointId'>[],
): Promise<void> {
  if (endpoints.length === 0) return;
  await tx.query(RESET, keysOf(endpoints));
}

function keysOf(endpoints: readonly Pick<Findings, 'accountId' | 'endpointId'>[]): unknown[] {
  return [endpoints.map(({ accountId }) => accountId), endpoints.map(({ endpointId }) => endpointId)];
}

function gather(settlements: readonly Settlement[]): Findings[] {
  const findings = new Map<string, Findings>();
  for (const { accountId, endpointId, succeeded, startedAt, finishedAt, completed } of settlements) {
    const none = { accountId, endpointId, failuresSince: 0, failingSince: null, lastFailedAt: null, exhaustedAt: null };
    const before = findings.get(endpointId) ?? { ...none, hasSucceeded: false };
    findings.set(
      endpointId,
      succeeded
        ? { ...none, hasSucceeded: true }
        : {
            ...before,
            failuresSince: before.failuresSince + 1,
            failingSince: before.failingSince ?? startedAt,
            lastFailedAt: finishedAt,
            exhaustedAt: completed ? finishedAt : before.exhaustedAt,
          },
    );
  }
  return [...findings.values()];
}
