import { Database } from '../../src/storage/database.js';
import { createPartitions } from '../../src/storage/partitions.js';
import type { BenchDatabase } from './rig.js';

const DAY_MS = 86_400_000;

/** A UUIDv7 of a moment in milliseconds, told from others of that moment by a number. */
const ID = `
  create or replace function pg_temp.id_of(ms bigint, n bigint, salt text) returns uuid language sql immutable as $$
    select (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid
      from md5(n::text || salt) h $$`;

// Of a hundred deliveries five failed for good; every fifth took two attempts.
const FILL_DAY = `
  with numbered as (
    select n, $1::bigint + (n * 86000000 / $2::bigint) as ms, $3::bigint * 100000000 + n as seed
      from generate_series(0, $2::bigint - 1) n),
  rows as (
    select n, ms, seed, pg_temp.id_of(ms, seed, 'd') as id, pg_temp.id_of($1::bigint + ((n - n % 5) * 86000000 / $2::bigint), seed - seed % 5, 'e') as event_id,
           ($4::uuid[])[1 + n % cardinality($4::uuid[])] as endpoint_id, to_timestamp(ms / 1000.0) as at,
           case when n % 100 < 5 then 'FAILED' else 'SUCCEEDED' end as status,
           ($5::text[])[1 + n % cardinality($5::text[])] as type, 1 + (n % 5 = 0)::int as attempts
      from numbered),
  deliveries as (
    insert into webhooks.deliveries
      (account_id, id, event_id, event_type, endpoint_id, livemode, status, attempt_count, scheduled_attempt_count,
       version, created_at, updated_at, completed_at)
    select 'default', id, event_id, type, endpoint_id, true, status, attempts, attempts, 1, at, at, at from rows),
  events as (
    insert into webhooks.events (account_id, id, type, body, livemode, created_at)
    select 'default', event_id, type, '{"id":"evt","data":{}}', true, at from rows where n % 5 = 0)
  insert into webhooks.attempts
    (account_id, delivery_id, number, id, trigger, outcome, request_headers, response_status_code, response_headers,
     response_body, response_body_truncated, response_time_ms, started_at)
  select 'default', id, number, pg_temp.id_of(ms, seed, number::text), 'SCHEDULED', 'SUCCEEDED',
         '[{"name":"content-type","value":"application/json"}]', 200, '[]', '', false, 12, at
    from rows cross join lateral generate_series(1, attempts) number`;

/** Fills the days before today with a log of so many deliveries, a fifth more attempts, and a fifth as many events. */
export async function growLog(
  database: BenchDatabase,
  {
    deliveries,
    days,
    endpointIds,
    types,
  }: { deliveries: number; days: number; endpointIds: string[]; types: string[] },
): Promise<void> {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const owner = await Database.open({ url: database.url, name: 'bench', isPatient: true, poolSize: 2 });
  for (let day = 1; day <= days; day += 1) await createPartitions(owner, today - day * DAY_MS);
  const waiting = Array.from({ length: days }, (_, index) => index + 1);
  const fillDays = () =>
    owner.transaction(async (tx) => {
      await tx.query('set local idle_in_transaction_session_timeout = 0');
      await tx.query(ID);
      for (let day = waiting.pop(); day !== undefined; day = waiting.pop()) {
        const perDay = Math.floor(deliveries / days);
        await tx.query(FILL_DAY, [today - day * DAY_MS, perDay, day, endpointIds, types]);
      }
    });
  await Promise.all([fillDays(), fillDays()]);
  await owner.close();
  await database.query('vacuum analyze');
}
