import pg from 'pg';
import { newId } from '../../src/storage/ids.js';
import { callFrom } from './callers.js';
import { invoice } from './publish.js';
import type { BenchDatabase } from './rig.js';

const INSERT = `
  with wanted as (
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) as w (event_id, delivery_id, job_id, body)),
  events as (
    insert into webhooks.events (account_id, id, type, body, livemode, created_at)
    select 'bare', event_id, 'invoice.paid', body, true, now() from wanted),
  deliveries as (
    insert into webhooks.deliveries
      (account_id, id, event_id, event_type, endpoint_id, livemode, status, attempt_count, scheduled_attempt_count,
       next_attempt_at, job_id, job_trigger, version, created_at, updated_at)
    select 'bare', delivery_id, event_id, 'invoice.paid', $5, true, 'PENDING', 0, 0, now(), job_id, 'SCHEDULED', 1, now(), now()
      from wanted),
  changes as (
    insert into webhooks.changes (account_id, subject, subject_id, endpoint_id, event_id)
    select 'bare', 'delivery', delivery_id, $5, event_id from wanted)
  insert into webhooks_queue.job_common (id, name, priority, data)
  select job_id, 'attempts', 10, jsonb_build_object('deliveryId', delivery_id) from wanted`;

/** The rows that publishing writes, in one statement per transaction, from as many connections. Events per second. */
export async function insertBySql(
  { url }: BenchDatabase,
  { count, perCall, callers }: { count: number; perCall: number; callers: number },
): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: callers });
  await Promise.all(Array.from({ length: callers }, () => pool.query('select')));
  const endpointId = newId();
  const body = JSON.stringify(invoice(1));
  const ids = () => Array.from({ length: perCall }, () => newId());
  const startedAt = performance.now();
  await callFrom(callers, count / perCall, () =>
    pool.query({ name: 'insert', text: INSERT, values: [ids(), ids(), ids(), Array(perCall).fill(body), endpointId] }),
  );
  const elapsedMs = performance.now() - startedAt;
  await pool.end();
  return (count * 1_000) / elapsedMs;
}
