import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import type { BenchDatabase } from './rig.js';

export interface StubRequest {
  databaseUrl: string;
  count: number;
  warmUp: number;
}

export interface StubAnswer {
  perSecond: number;
}

/** A dispatcher, all of it but for the request: an answer comes at once. In a process of its own; deliveries per second. */
export async function drainWithoutHttp(
  { url }: BenchDatabase,
  { count, warmUp }: { count: number; warmUp: number },
): Promise<number> {
  const child = fork(join(import.meta.dirname, 'stub-process.ts'));
  child.send({ databaseUrl: url, count, warmUp } satisfies StubRequest);
  const [{ perSecond }] = (await once(child, 'message')) as [StubAnswer];
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
  return perSecond;
}

const CLAIM = `
  delete from webhooks_queue.job_common
   where id = any (array(select id from webhooks_queue.job_common where name = 'attempts' and state < 'active'
                          order by priority desc, created_on limit 500 for update skip locked))
  returning (data ->> 'deliveryId')::uuid as id`;

const LOAD = `
  select d.id, d.attempt_count, e.body, p.url, p.encrypted_signing_secret
    from unnest($1::uuid[]) as j (id)
   cross join lateral (select * from webhooks.deliveries where account_id = 'default' and id = j.id offset 0) d
   cross join lateral (select * from webhooks.events where account_id = 'default' and id = d.event_id offset 0) e
   cross join lateral (select * from webhooks.endpoints where account_id = 'default' and id = d.endpoint_id offset 0) p`;

const SETTLE = `
  with settled as (
    update webhooks.deliveries d
       set status = 'SUCCEEDED', attempt_count = 1, scheduled_attempt_count = 1, next_attempt_at = null, job_id = null,
           job_trigger = null, completed_at = now(), updated_at = now(), version = version + 1
     where account_id = 'default' and id = any ($1::uuid[]) and id between $2 and $3
    returning id, endpoint_id, event_id),
  changes as (
    insert into webhooks.changes (account_id, subject, subject_id, endpoint_id, event_id)
    select 'default', 'delivery', id, endpoint_id, event_id from settled),
  statistics as (
    insert into webhooks.endpoint_stats as s
      (account_id, endpoint_id, bucket_at, succeeded, failed, response_count, response_time_ms_sum, response_time_histogram)
    select 'default', endpoint_id, date_trunc('hour', now()), count(*), 0, count(*), count(*), '{1}' from settled group by 2
        order by 2
        on conflict (account_id, endpoint_id, bucket_at) do update set succeeded = s.succeeded + excluded.succeeded)
  insert into webhooks.attempts
    (account_id, delivery_id, number, id, trigger, outcome, request_headers, response_status_code, response_headers,
     response_body, response_body_truncated, response_time_ms, started_at)
  select 'default', id, 1, gen_random_uuid(), 'SCHEDULED', 'SUCCEEDED', $4, 200, '[]', '', false, 1, now() from settled`;

/**
 * What the same rows cost at least: jobs claimed, deliveries loaded and attempts recorded by statements written for nothing
 * else, 500 at a time, in two transactions at once. Deliveries per second.
 */
export async function drainBySql({ url }: BenchDatabase): Promise<number> {
  const settings = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';
  const pool = new pg.Pool({ connectionString: url, max: 2, options: settings });
  await pool.query('analyze');
  const startedAt = performance.now();
  const headers = JSON.stringify(
    Array.from({ length: 9 }, (_, index) => ({ name: `x-${index}`, value: 'x'.repeat(30) })),
  );
  const counts = await Promise.all([pump(pool, headers), pump(pool, headers)]);
  const elapsedMs = performance.now() - startedAt;
  await pool.end();
  return ((counts[0]! + counts[1]!) * 1_000) / elapsedMs;
}

/** Answers how many it did. */
async function pump(pool: pg.Pool, headers: string): Promise<number> {
  const client = await pool.connect();
  let count = 0;
  for (let isDone = false; !isDone; ) {
    await client.query('begin');
    const { rows } = await client.query<{ id: string }>({ name: 'claim', text: CLAIM });
    const ids = rows.map(({ id }) => id).toSorted();
    if (ids.length > 0) {
      await client.query({ name: 'load', text: LOAD, values: [ids] });
      await client.query({ name: 'settle', text: SETTLE, values: [ids, ids[0], ids.at(-1), headers] });
    }
    await client.query('commit');
    count += ids.length;
    isDone = ids.length === 0;
  }
  client.release();
  return count;
}
