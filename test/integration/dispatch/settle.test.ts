import { expect, it } from '@jest/globals';
import { AttemptTrigger } from '../../../src/deliveries/attempt.js';
import { EndpointWindow } from '../../../src/deliveries/endpoint-window.js';
import type { FinishedAttempt } from '../../../src/dispatch/advance.js';
import { loadAttempts } from '../../../src/dispatch/load.js';
import type { Outcome } from '../../../src/dispatch/outcome.js';
import { settle } from '../../../src/dispatch/settle.js';
import { systemClock } from '../../../src/storage/clock.js';
import { Database, HOT_SETTINGS, type Transaction } from '../../../src/storage/database.js';
import { newId } from '../../../src/storage/ids.js';
import { Lane, Queue } from '../../../src/storage/queue.js';
import { eventually } from '../../support/eventually.js';
import { type Setup, setUp } from '../../support/service.js';

const FAILED: Outcome = {
  kind: 'response',
  statusCode: 500,
  headers: [],
  body: '',
  bodyTruncated: false,
  responseTimeMs: 5,
};

/** An API without a dispatcher, and what a dispatcher works with, for the test to do its work. */
async function setUpByHand() {
  const setup: Setup = await setUp({ env: { ROLES: 'api' } });
  const { url } = setup.database;
  const database = await Database.open({ url, name: 'test', settings: HOT_SETTINGS });
  const queue = await Queue.open({ url, name: 'test', onError: () => {} });
  const options = { database, queue, window: new EndpointWindow(10), retryScheduleMs: [60_000], clock: systemClock };
  return {
    api: setup.api,
    database: setup.database,
    receiver: setup.receiver,
    options,
    /** Claims the one job there is and pretends to have made its attempt. */
    async attempt(outcome: Outcome): Promise<FinishedAttempt> {
      const jobs = await queue.claim(database, Lane.Fresh, 1);
      const [loaded] = await loadAttempts(database, jobs);
      return { id: newId(), loaded: loaded!, requestHeaders: [], startedAt: new Date(), outcome };
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      await database.close();
      await setup[Symbol.asyncDispose]();
    },
  };
}

/** The same database, and the names of what its transactions run from now on, the queue's own left out. */
function watchStatements(database: Database): { database: Database; names: string[] } {
  const names: string[] = [];
  const watched = {
    transaction: <Result>(work: (tx: Transaction) => Promise<Result>) =>
      database.transaction((tx) =>
        work({
          manager: tx.manager,
          query: (statement, values) => {
            if (typeof statement !== 'string' && !statement.name.endsWith('_jobs')) names.push(statement.name);
            return tx.query(statement, values);
          },
        }),
      ),
  };
  return { database: watched as Database, names };
}

it('records an attempt once, though the answer to the commit was lost and it settles again', async () => {
  await using setup = await setUpByHand();
  const { api, receiver, options } = setup;
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  const finished = await setup.attempt(FAILED);

  await settle(options, [finished]);
  await settle(options, [finished], new Set([finished.id]));

  const [delivery] = await api.deliveries({ eventId: event.id });
  expect(delivery).toMatchObject({ status: 'RETRYING', attemptCount: 1 });
  expect(delivery!.attempts).toHaveLength(1);
  expect((await api.endpoint(endpoint.id))!.status).toBe('ACTIVE');
});

it('records a late failure with the next number, and lets nothing else follow from it', async () => {
  await using setup = await setUpByHand();
  const { api, receiver, options } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  const mine = await setup.attempt(FAILED);
  // Another dispatcher takes the job over and is quicker.
  await options.queue.release(options.database, [mine.loaded.job]);
  const theirs = await setup.attempt(FAILED);
  await settle(options, [theirs]);
  const [before] = await api.deliveries({ eventId: event.id });

  await settle(options, [mine]);

  const [after] = await api.deliveries({ eventId: event.id });
  expect(after).toMatchObject({ status: 'RETRYING', nextAttemptAt: before!.nextAttemptAt, attemptCount: 2 });
  expect(after!.attempts.map(({ number }) => number)).toEqual([1, 2]);
});

it('announces once what came of an attempt, though the answer to the commit was lost', async () => {
  await using setup = await setUpByHand();
  const { api, receiver, options } = setup;
  await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
  await api.createEndpoint({ url: receiver.url, eventTypes: ['delivery.failed', 'endpoint.failing'] });
  await api.publishEvent('invoice.paid');
  const finished = await setup.attempt(FAILED);
  const withoutRetries = { ...options, retryScheduleMs: [] };

  const { announced } = await settle(withoutRetries, [finished]);
  const again = await settle(withoutRetries, [finished], new Set([finished.id]));

  expect([announced, again.announced]).toEqual([true, false]);
  const deliveries = await api.deliveries();
  expect(deliveries.map(({ eventType }) => eventType).sort()).toEqual([
    'delivery.failed',
    'endpoint.failing',
    'invoice.paid',
  ]);
});

it('announces nothing of an endpoint that was deleted meanwhile', async () => {
  await using setup = await setUpByHand();
  const { api, receiver, options } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
  await api.createEndpoint({ url: receiver.url, eventTypes: ['delivery.failed', 'endpoint.failing'] });
  await api.publishEvent('invoice.paid');
  const finished = await setup.attempt(FAILED);
  await api.deleteEndpoint(id);

  const { announced } = await settle({ ...options, retryScheduleMs: [] }, [finished]);

  expect(announced).toBe(false);
  expect((await api.page('events')).nodes).toHaveLength(1);
});

it('looks for nobody to tell while nothing changes its state, and once when something does', async () => {
  await using setup = await setUpByHand();
  const { api, receiver, options } = setup;
  await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
  const publishAndSettle = async (statusCode: number, retryScheduleMs: number[]) => {
    await api.publishEvent('invoice.paid');
    const watched = watchStatements(options.database);
    await settle({ ...options, ...watched, retryScheduleMs }, [await setup.attempt({ ...FAILED, statusCode })]);
    return watched.names;
  };
  const always = ['lock_deliveries', 'update_deliveries', 'insert_attempts', 'add_to_buckets'];

  expect(await publishAndSettle(200, [])).toEqual([...always, 'reset_health']);
  expect(await publishAndSettle(500, [60_000])).toEqual([...always, 'add_failures']);
  const failing = await publishAndSettle(500, []);
  expect(failing).toEqual([...always, 'add_failures', 'note_failing', 'find_subscribed']);
  expect(await publishAndSettle(500, [60_000])).toEqual([...always, 'add_failures']);
});

it('ends a delivery with a late 2xx', async () => {
  await using setup = await setUpByHand();
  const { api, receiver, options } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  const mine = await setup.attempt({ ...FAILED, statusCode: 204 });
  await options.queue.release(options.database, [mine.loaded.job]);
  const theirs = await setup.attempt(FAILED);
  await settle(options, [theirs]);

  await settle(options, [mine]);

  const [delivery] = await api.deliveries({ eventId: event.id });
  expect(delivery).toMatchObject({ status: 'SUCCEEDED', nextAttemptAt: null, attemptCount: 2 });
  expect(delivery!.attempts.every(({ trigger }) => trigger === AttemptTrigger.SCHEDULED)).toBe(true);
});

it('records an attempt though somebody else changes the delivery at that moment', async () => {
  await using setup = await setUpByHand();
  const { api, receiver, options, database } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  const finished = await setup.attempt({ ...FAILED, statusCode: 204 });
  await database.query('begin');
  await database.query(`update webhooks.deliveries set status = 'HELD', version = version + 1`);

  const settling = settle(options, [finished]);
  await eventually('settling waits for the row', async () => {
    return (await database.query('select from pg_locks where not granted')).length > 0;
  });
  await database.query('commit');
  const { attempts } = await settling;

  expect(attempts).toHaveLength(1);
  const [delivery] = await api.deliveries({ eventId: event.id });
  expect(delivery).toMatchObject({ status: 'SUCCEEDED', attemptCount: 1 });
});
