import { expect, it } from '@jest/globals';
import { LostJobs } from '../../src/deliveries/lost-jobs.js';
import { Database, HOT_SETTINGS } from '../../src/storage/database.js';
import { newId } from '../../src/storage/ids.js';
import { Lane, Queue } from '../../src/storage/queue.js';
import { createDatabase } from '../support/database.js';

/** A queue on a database of its own, as a dispatcher has it. */
async function setUp() {
  const opened = new AsyncDisposableStack();
  const { url, query } = opened.adopt(await createDatabase(), (one) => one.drop());
  const database = opened.adopt(await Database.open({ url, name: 'test', settings: HOT_SETTINGS }), (one) =>
    one.close(),
  );
  const queue = opened.adopt(await Queue.open({ url, name: 'test', onError: () => {} }), (one) => one.close());
  return { database, queue, query, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

// Rounded down to 40, the claim looked like the last one, and the next came half a second later.
it('claims as many jobs as were asked for while there are more', async () => {
  await using setup = await setUp();
  const { database, queue } = setup;
  const jobs = Array.from({ length: 100 }, () => ({
    id: newId(),
    accountId: 'default',
    deliveryId: newId(),
    endpointId: newId(),
    lane: Lane.Bulk,
  }));
  await queue.insert(database, jobs);

  expect(await queue.claim(database, Lane.Bulk, 58)).toHaveLength(58);
  expect(await queue.claim(database, Lane.Bulk, 58)).toHaveLength(42);
});

// All at once, every delivery was compared with every job: eleven seconds for fifteen thousand.
it('finds a lost job among thousands, a slice at a time, and begins again at the end', async () => {
  await using setup = await setUp();
  const { database, queue, query } = setup;
  await query(
    `with made as (select gen_random_uuid() as job_id, n from generate_series(1, 6000) n),
     jobs as (
       insert into webhooks_queue.job_common (id, name, priority, data)
       select job_id, 'attempts', 0, '{}' from made where n < 6000)
     insert into webhooks.deliveries
       (account_id, id, event_id, event_type, endpoint_id, livemode, status, attempt_count, scheduled_attempt_count,
        next_attempt_at, job_id, job_trigger, version, created_at, updated_at)
     select 'default', ($1 || lpad(to_hex(n), 12, '0'))::uuid, $2, 'invoice.paid', lpad(to_hex(n), 32, '0')::uuid, true,
            'PENDING', 0, 0, now(), job_id, 'SCHEDULED', 1, now(), now() from made`,
    [newId().slice(0, 24), newId()],
  );
  const lostJobs = new LostJobs(database, queue);

  expect([await lostJobs.replace(), await lostJobs.replace(), await lostJobs.replace()]).toEqual([0, 1, 0]);
  expect(await query('select status, job_id from webhooks.deliveries where job_id is null')).toEqual([
    { status: 'PENDING', job_id: null },
  ]);
});
