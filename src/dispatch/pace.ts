import type { EndpointKey } from '../endpoints/endpoint-key.js';
import type { Executor, Statement } from '../storage/database.js';

/** Attempts to one endpoint that would start now, were it not for its rate limit. */
export interface Ask extends EndpointKey {
  ratePerSecond: number;
  wanted: number;
}

/** What an endpoint's rate limit allows; milliseconds count from the answer. */
export interface Pace {
  /** How many of those wanted may start: the first after `firstInMs`, each other `stepMs` after the one before. */
  granted: number;
  /** Less than 0 for what could have started a moment ago. */
  firstInMs: number;
  stepMs: number;
  /** When it is worth asking for more, and for how many. Not more than 0: at once. */
  askAgainInMs: number;
  worthAskingFor: number;
}

/** What starts later than this is not granted yet: an attempt that waits for its time holds a slot. */
const HORIZON_MS = 30;

/** Asking so long before the next start leaves time to load what is to start. */
const ASK_AHEAD_MS = 15;

/** Whoever asks late by up to this still gets the start that was due, so that the limit can be reached at all. */
const ASKED_LATE_MS = 20;

/** An attempt that was granted may start late by this: timers and event loops do not keep time to the millisecond. */
const STARTED_LATE_MS = 20;

/** So long lie between the first of as many starts as a second may have and the first that is one too many. */
const SPAN_MS = 1_000 + ASKED_LATE_MS + STARTED_LATE_MS;

// The time is taken once all rows are locked. A start is never further away than the limit of now makes it: neither
// after a change of the limit, nor after the server's clock went back.
const RESERVE: Statement = {
  name: 'reserve_pace',
  text: `
    with locked as materialized (
      select a.*, p.next_at, make_interval(secs => ${SPAN_MS / 1_000} / a.rate) as step
        from unnest($1::text[], $2::uuid[], $3::int[], $4::int[]) as a (account_id, endpoint_id, rate, wanted)
        join webhooks.endpoint_pace p using (account_id, endpoint_id)
       order by a.account_id, a.endpoint_id
         for update of p),
    moment as materialized (select clock_timestamp() as now, count(*) from locked),
    timed as materialized (
      select l.*, m.now, greatest(least(l.next_at, m.now + ${sqlOf(HORIZON_MS)} + l.step),
                                  m.now - ${sqlOf(ASKED_LATE_MS)}) as first_at
        from locked l cross join moment m),
    granted as materialized (
      select account_id, endpoint_id, step, now, first_at,
             greatest(0, least(wanted, 1 + floor(extract(epoch from now + ${sqlOf(HORIZON_MS)} - first_at)
                                                 / extract(epoch from step))))::int as count
        from timed),
    moved as (
      update webhooks.endpoint_pace p set next_at = g.first_at + g.count * g.step
        from granted g
       where p.account_id = g.account_id and p.endpoint_id = g.endpoint_id
         and p.next_at <> g.first_at + g.count * g.step)
    select endpoint_id as "endpointId", count as "granted", extract(epoch from step)::float8 * 1000 as "stepMs",
           extract(epoch from first_at - now)::float8 * 1000 as "firstInMs",
           extract(epoch from first_at + count * step - now)::float8 * 1000 as "nextInMs"
      from granted`,
};

const ADD_ENDPOINTS: Statement = {
  name: 'add_endpoints_to_pace',
  text: `
    insert into webhooks.endpoint_pace (account_id, endpoint_id, next_at)
    select account_id, endpoint_id, '-infinity' from unnest($1::text[], $2::uuid[]) as a (account_id, endpoint_id)
     order by 1, 2
        on conflict do nothing`,
};

interface ReservedRow {
  endpointId: string;
  granted: number;
  stepMs: number;
  firstInMs: number;
  nextInMs: number;
}

/**
 * Reserves the next start times of endpoints with a rate limit, evenly spaced and without bursts, for all processes
 * together: they lie in the database and go by its clock. Each endpoint may be asked for once. Answers by endpoint id;
 * what was granted is spent, whether or not it is used.
 */
export async function reserve(db: Executor, asks: readonly Ask[]): Promise<Map<string, Pace>> {
  const reserved = await reserveKnown(db, asks);
  const unknown = asks.filter(({ endpointId }) => !reserved.has(endpointId));
  if (unknown.length === 0) return reserved;
  await db.query(ADD_ENDPOINTS, [accountIdsOf(unknown), endpointIdsOf(unknown)]);
  return new Map([...reserved, ...(await reserve(db, unknown))]);
}

async function reserveKnown(db: Executor, asks: readonly Ask[]): Promise<Map<string, Pace>> {
  const rows = await db.query<ReservedRow>(RESERVE, [
    accountIdsOf(asks),
    endpointIdsOf(asks),
    asks.map(({ ratePerSecond }) => ratePerSecond),
    asks.map(({ wanted }) => wanted),
  ]);
  return new Map(
    rows.map(({ endpointId, granted, stepMs, firstInMs, nextInMs }) => {
      const worthAskingFor = 1 + Math.floor(HORIZON_MS / stepMs);
      return [endpointId, { granted, firstInMs, stepMs, askAgainInMs: nextInMs - ASK_AHEAD_MS, worthAskingFor }];
    }),
  );
}

function accountIdsOf(asks: readonly Ask[]): string[] {
  return asks.map(({ accountId }) => accountId);
}

function endpointIdsOf(asks: readonly Ask[]): string[] {
  return asks.map(({ endpointId }) => endpointId);
}

function sqlOf(ms: number): string {
  return `interval '${ms} milliseconds'`;
}
