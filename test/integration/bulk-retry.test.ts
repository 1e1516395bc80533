import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { createLog } from '../../src/log.js';
import { type Service, serve } from '../../src/serve.js';
import { fromTypeId, newId, toTypeId } from '../../src/storage/ids.js';
import { ApiClient, type BulkRetryView } from '../support/api.js';
import type { TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { mixDeliveries } from '../support/mixed-deliveries.js';
import type { ReceivedRequest } from '../support/receiver.js';
import { API_KEY, type Setup, setUp, testEnvironment, writeCa } from '../support/service.js';

const HOUR_MS = 3_600_000;
const LONG_MS = 60_000;

it(
  'retries what the filter matches, by status, type, endpoint, event, time and kind, alone and together',
  async () => {
    const clock = { nowMs: Date.now(), now: () => clock.nowMs };
    await using setup = await setUp({ clock, env: { RETRY_SCHEDULE: '' } });
    const { api } = setup;
    const { works, fails, first, second, one, two, three, test } = await mixDeliveries(setup, clock);
    const instant = (ms: number) => new Date(new Date(second.createdAt).getTime() + ms).toISOString();

    for (const [filter, matchedCount, retried] of [
      [{}, 4, [one, two, three]],
      [{ statuses: ['FAILED'] }, 1, [three]],
      [{ statuses: ['PENDING', 'RETRYING', 'HELD'] }, 0, []],
      [{ statuses: [] }, 0, []],
      [{ eventTypes: ['invoice.paid', 'no.such_type'] }, 2, [two, three]],
      [{ endpointIds: [fails.id, 'nonsense'] }, 1, [three]],
      [{ endpointIds: ['ep_01h2e8kqvbfwea724h75qc655w'] }, 0, []],
      [{ eventId: first.id }, 1, [one]],
      [{ eventId: 'evt_01h2e8kqvbfwea724h75qc655w' }, 0, []],
      [{ createdAt: { from: second.createdAt, to: instant(1) } }, 2, [two, three]],
      [{ livemode: true }, 3, [one, two, three]],
      [{ livemode: false, endpointIds: [works.id] }, 1, []],
      [{ statuses: ['SUCCEEDED'], endpointIds: [works.id], eventTypes: ['invoice.paid'], livemode: true }, 1, [two]],
    ] as const) {
      const before = await attemptCounts(api);
      expect(await api.retryDeliveries({ filter, dryRun: true })).toEqual({
        bulkRetry: null,
        matchedCount,
        userErrors: [],
      });
      const { bulkRetry, ...rest } = await api.retryDeliveries({ filter });
      expect({ filter, rest }).toEqual({ filter, rest: { matchedCount, userErrors: [] } });
      expect(bulkRetry).toMatchObject({ status: matchedCount > 0 ? 'RUNNING' : 'COMPLETED', total: matchedCount });

      expect(await end(api, bulkRetry!)).toMatchObject({ status: 'COMPLETED', queued: matchedCount });
      const expected = new Map([...before].map(([id, count]) => [id, count + Number(retried.some((it) => it === id))]));
      await eventually('the attempts made', async () => {
        const after = await attemptCounts(api);
        return [...after].every(([id, count]) => count >= expected.get(id)!) && (await isQueueEmpty(setup));
      });
      expect(await attemptCounts(api)).toEqual(expected);
    }
    expect((await attemptCounts(api)).get(test)).toBe(1);
    const { attempts } = (await api.delivery(three))!;
    expect(new Set(attempts.slice(1).map(({ trigger }) => trigger))).toEqual(new Set(['MANUAL']));
  },
  LONG_MS,
);

it('counts on a dry run and changes nothing', async () => {
  await using setup = await setUp();
  const { api, receiver, database } = setup;
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await addDeliveries(database, endpoint, 12_345);
  const contents = () => database.query('select count(*)::int, sum(version)::int from webhooks.deliveries');
  const before = await contents();

  const answer = await api.retryDeliveries({ filter: { statuses: ['FAILED'] }, dryRun: true });

  expect(answer).toEqual({ bulkRetry: null, matchedCount: 12_345, userErrors: [] });
  expect(await database.query('select from webhooks.bulk_retries')).toEqual([]);
  expect(await database.query('select from webhooks.bulk_retry_chunks')).toEqual([]);
  expect(await database.query(`select from webhooks.changes where subject = 'bulk_retry'`)).toEqual([]);
  expect(await contents()).toEqual(before);
  expect(receiver.requests).toEqual([]);
});

it('passes over test events, disabled endpoints, and what is held or under way, and counts them', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '1h' } });
  const { api, receiver, database } = setup;
  receiver.answer({ status: 500 });
  const release = receiver.holdAnswers(({ path }) => path.endsWith('/hangs'));
  const on = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
  const off = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
  await api.createEndpoint({ url: `${receiver.url}/hangs`, eventTypes: ['customer.created'] });
  const tried = ({ attemptCount }: { attemptCount: number }) => attemptCount === 1;
  await api.sendTestEvent({ endpointId: on.id, type: 'invoice.paid' });
  const event = await api.publishEvent('invoice.paid');
  const retrying = await api.deliveryOf(event, tried, on.id);
  await api.deliveryOf(event, tried, off.id);
  await addDeliveries(database, off, 1);
  await api.disableEndpoint(off.id);
  await addDeliveries(database, on, 1, 'HELD');
  const underWay = await api.publishEvent('customer.created');
  await receiver.receive(4);
  const before = await attemptCounts(api);

  const { bulkRetry } = await api.retryDeliveries({ filter: {} });

  expect(await end(api, bulkRetry!)).toMatchObject({ status: 'COMPLETED', total: 6, queued: 6, passedOver: 5 });
  const retried = await api.deliveryOf(event, ({ attemptCount }) => attemptCount === 2, on.id);
  expect(retried).toMatchObject({ status: 'RETRYING', nextAttemptAt: retrying.nextAttemptAt });
  expect(retried.attempts.map(({ trigger }) => trigger)).toEqual(['SCHEDULED', 'MANUAL']);
  release();
  const { id } = await api.deliveryOf(underWay, tried);
  await eventually('no retry left', async () => {
    const left = await database.query(`select from webhooks.deliveries where job_trigger = 'MANUAL'`);
    return left.length === 0;
  });
  expect(await attemptCounts(api)).toEqual(new Map([...before, [retrying.id, 2], [id, 1]]));
});

it(
  'passes an endpoint that hangs, with no more than its window in the queue',
  async () => {
    await using setup = await setUp({
      env: { ENDPOINT_WINDOW: '100', ENDPOINT_CONCURRENCY: '16', ATTEMPT_TIMEOUT: '10m' },
    });
    const { api, receiver, database } = setup;
    const release = receiver.holdAnswers(({ path }) => path.endsWith('/hangs'));
    const hanging = await api.createEndpoint({ url: `${receiver.url}/hangs`, allEvents: true });
    const working = await api.createEndpoint({ url: `${receiver.url}/works`, allEvents: true });
    await addDeliveries(database, hanging, 2_500, 'RETRYING');
    const failed = await addDeliveries(database, working, 2_500);
    const queuedAtMost = watchQueue(setup);

    const { bulkRetry, matchedCount } = await api.retryDeliveries({ filter: {} });
    expect(matchedCount).toBe(5_000);
    const queued: number[] = [];
    await eventually(
      'the deliveries to the endpoint that works',
      async () => {
        queued.push((await api.bulkRetry(bulkRetry!.id))!.queued);
        const [row] = await database.query<{ count: number }>(
          `select count(*)::int from webhooks.deliveries where status = 'SUCCEEDED'`,
        );
        return row!.count === failed.length;
      },
      LONG_MS,
    );

    expect(deliveryIdsOf(receiver.requests, '/works')).toEqual(failed);
    expect(await api.bulkRetry(bulkRetry!.id)).toMatchObject({ status: 'RUNNING', total: 5_000, queued: 2_600 });
    expect(queued).toEqual([...queued].sort((a, b) => a - b));
    expect(new Set(queued).size).toBeGreaterThan(5);

    await api.disableEndpoint(hanging.id);
    expect(await end(api, bulkRetry!)).toMatchObject({ status: 'COMPLETED', total: 5_000, queued: 5_000 });
    expect(await queuedAtMost()).toEqual(new Map([hanging, working].map(({ id }) => [uuidOf(id), 100])));
    release();
  },
  2 * LONG_MS,
);

it('tells live updates of each step of the bulk retry and of each delivery', async () => {
  await using setup = await setUp({ env: { ENDPOINT_WINDOW: '10' } });
  const { api, receiver, database } = setup;
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const ids = await addDeliveries(database, endpoint, 30);

  const { bulkRetry } = await api.retryDeliveries({ filter: {} });
  await end(api, bulkRetry!);
  await eventually('the queue empty', () => isQueueEmpty(setup));

  const changes = await database.query<{ subject: string; subject_id: string; endpoint_id: string; event_id: string }>(
    'select subject, subject_id, endpoint_id, event_id from webhooks.changes',
  );
  const steps = changes.filter(({ subject }) => subject === 'bulk_retry');
  expect(new Set(steps.map(({ subject_id }) => subject_id))).toEqual(new Set([uuidOf(bulkRetry!.id)]));
  expect(steps.length).toBeGreaterThanOrEqual(4);
  const deliveries = changes.filter(({ subject }) => subject === 'delivery');
  // Once as it was queued, and once as the attempt was made.
  expect(deliveries.map(({ subject_id }) => toTypeId('dlv', subject_id)).sort()).toEqual([...ids, ...ids].sort());
  expect(deliveries.every(({ endpoint_id, event_id }) => endpoint_id === uuidOf(endpoint.id) && event_id)).toBe(true);
});

it('goes on to the end when an endpoint is deleted meanwhile', async () => {
  await using setup = await setUp({ env: { ENDPOINT_WINDOW: '10' } });
  const { api, receiver, database } = setup;
  const release = receiver.holdAnswers();
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await addDeliveries(database, endpoint, 2_100);
  const { bulkRetry } = await api.retryDeliveries({ filter: { endpointIds: [endpoint.id] } });
  await reach(api, bulkRetry!, 10);

  await api.deleteEndpoint(endpoint.id);

  expect(await end(api, bulkRetry!)).toMatchObject({ status: 'COMPLETED', total: 2_100, queued: 2_100 });
  release();
});

describe('canceling', () => {
  it('queues no more, and attempts what was queued', async () => {
    await using setup = await setUp({ env: { ENDPOINT_WINDOW: '20' } });
    const { api, receiver, database } = setup;
    const release = receiver.holdAnswers();
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    const ids = await addDeliveries(database, endpoint, 1_500);
    const { bulkRetry } = await api.retryDeliveries({ filter: { statuses: ['FAILED'] } });
    await reach(api, bulkRetry!, 20);
    expect(await api.runningBulkRetries()).toEqual([await api.bulkRetry(bulkRetry!.id)]);
    expect(await setup.otherApi.runningBulkRetries()).toEqual([]);

    const canceled = await api.cancelBulkRetry(bulkRetry!.id);
    release();

    expect(canceled).toEqual({
      bulkRetry: { ...bulkRetry, status: 'CANCELED', queued: 20, completedAt: expect.any(String) },
      userErrors: [],
    });
    expect(await api.runningBulkRetries()).toEqual([]);
    await receiver.receive(20);
    await eventually('the queue empty', () => isQueueEmpty(setup));
    // The oldest went first.
    expect(deliveryIdsOf(receiver.requests)).toEqual(ids.slice(0, 20));
    expect(await database.query('select from webhooks.bulk_retry_chunks')).toEqual([]);
    expect(await api.cancelBulkRetry(bulkRetry!.id)).toEqual(canceled);
    expect(await api.bulkRetry(bulkRetry!.id)).toEqual(canceled.bulkRetry);
  });

  it('answers one that is completed as it is', async () => {
    await using setup = await setUp();
    const { api } = setup;
    const { bulkRetry } = await api.retryDeliveries({ filter: {} });

    expect(bulkRetry).toMatchObject({ status: 'COMPLETED', total: 0, queued: 0, completedAt: bulkRetry!.createdAt });
    expect(await api.cancelBulkRetry(bulkRetry!.id)).toEqual({ bulkRetry, userErrors: [] });
  });
});

it(
  'goes on where it stopped when the service starts again, and makes each attempt once',
  async () => {
    await using setup = await setUp({ env: { ENDPOINT_WINDOW: '50' } });
    const { api, receiver, database, service } = setup;
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    const ids = await addDeliveries(database, endpoint, 2_000);
    const { bulkRetry } = await api.retryDeliveries({ filter: {} });
    await receiver.receive(200);
    await service.stop();
    const made = receiver.requests.length;
    expect(made).toBeLessThan(2_000);

    await using again = await serveAgain(setup, { ENDPOINT_WINDOW: '50' });

    expect(await end(again.api, bulkRetry!)).toMatchObject({ status: 'COMPLETED', total: 2_000, queued: 2_000 });
    await eventually('the queue empty', () => isQueueEmpty(setup), LONG_MS);
    expect(deliveryIdsOf(receiver.requests)).toEqual(ids);
  },
  2 * LONG_MS,
);

it(
  'makes each attempt once when several processes dispatch',
  async () => {
    const env = { ENDPOINT_WINDOW: '100' };
    await using setup = await setUp({ env });
    await using _ = await serveAgain(setup, env);
    const { api, receiver, database } = setup;
    const endpoints = [
      await api.createEndpoint({ url: `${receiver.url}/one`, allEvents: true }),
      await api.createEndpoint({ url: `${receiver.url}/two`, allEvents: true }),
    ];
    const one = await addDeliveries(database, endpoints[0]!, 1_500);
    const two = await addDeliveries(database, endpoints[1]!, 1_500);
    const queuedAtMost = watchQueue(setup);

    const { bulkRetry } = await api.retryDeliveries({ filter: { statuses: ['FAILED'] } });

    expect(await end(api, bulkRetry!)).toMatchObject({ status: 'COMPLETED', total: 3_000, queued: 3_000 });
    await eventually('the queue empty', () => isQueueEmpty(setup), LONG_MS);
    expect(deliveryIdsOf(receiver.requests, '/one')).toEqual(one);
    expect(deliveryIdsOf(receiver.requests, '/two')).toEqual(two);
    expect([...(await queuedAtMost()).values()].every((count) => count <= 100)).toBe(true);
  },
  2 * LONG_MS,
);

it('passes over none that another transaction changes at the same moment', async () => {
  await using setup = await setUp();
  const { api, receiver, database } = setup;
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const ids = await addDeliveries(database, endpoint, 3);
  await database.query('begin');
  await database.query('update webhooks.deliveries set version = version + 1 where id = $1', [uuidOf(ids[1]!)]);

  const { bulkRetry } = await api.retryDeliveries({ filter: {} });
  await eventually('somebody waiting for the other transaction', async () => {
    const waiting = await database.query(`select from pg_locks where not granted and locktype = 'transactionid'`);
    return waiting.length > 0;
  }).finally(() => database.query('commit'));

  expect(await end(api, bulkRetry!)).toMatchObject({ status: 'COMPLETED', queued: 3 });
  await eventually('the queue empty', () => isQueueEmpty(setup));
  expect(deliveryIdsOf(receiver.requests)).toEqual(ids);
});

it(
  'takes several bulk retries over the same deliveries one after the other',
  async () => {
    await using setup = await setUp({ env: { ENDPOINT_WINDOW: '20' } });
    const { api, receiver, database } = setup;
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    const ids = await addDeliveries(database, endpoint, 300);

    const started = [];
    for (let count = 0; count < 3; count += 1) started.push((await api.retryDeliveries({ filter: {} })).bulkRetry!);

    for (const one of started) {
      expect(await end(api, one)).toMatchObject({ status: 'COMPLETED', total: 300, queued: 300 });
    }
    await eventually('the queue empty', () => isQueueEmpty(setup));
    expect(new Set(deliveryIdsOf(receiver.requests))).toEqual(new Set(ids));
  },
  LONG_MS,
);

it('forgets bulk retries that are over when events of their time are forgotten', async () => {
  const clock = { nowMs: Date.now(), now: () => clock.nowMs };
  await using setup = await setUp({ clock, env: { RETENTION_DAYS: '3' } });
  const { api } = setup;
  const old = (await api.retryDeliveries({ filter: {} })).bulkRetry!;
  clock.nowMs += 48 * HOUR_MS;
  const recent = (await api.retryDeliveries({ filter: {} })).bulkRetry!;

  clock.nowMs += 25 * HOUR_MS;

  await eventually('the old one forgotten', async () => (await api.bulkRetry(old.id)) === null);
  expect(await api.bulkRetry(recent.id)).toEqual(recent);
});

describe('what is not to be had', () => {
  let setup: Setup;

  beforeAll(async () => {
    setup = await setUp({ env: { LOG_LEVEL: 'silent' } });
  });
  afterAll(async () => {
    await setup[Symbol.asyncDispose]();
  });

  it('is another account’s', async () => {
    const { api, otherApi, receiver, database } = setup;
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    await addDeliveries(database, endpoint, 3);
    const filter = { endpointIds: [endpoint.id] };
    const { bulkRetry } = await api.retryDeliveries({ filter });
    await end(api, bulkRetry!);

    expect(await node(api, bulkRetry!.id)).toEqual({ id: bulkRetry!.id });
    expect(await otherApi.bulkRetry(bulkRetry!.id)).toBeNull();
    expect(await node(otherApi, bulkRetry!.id)).toBeNull();
    expect((await otherApi.cancelBulkRetry(bulkRetry!.id)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    for (const theirs of [{}, filter]) {
      expect(await otherApi.retryDeliveries({ filter: theirs, dryRun: true })).toMatchObject({ matchedCount: 0 });
      expect(await otherApi.retryDeliveries({ filter: theirs })).toMatchObject({ bulkRetry: { status: 'COMPLETED' } });
    }
    await eventually('the queue empty', () => isQueueEmpty(setup));
    expect(receiver.requests).toHaveLength(3);
  });

  it.each([
    ['unknown', 'blk_01h2e8kqvbfwea724h75qc655w'],
    ['of another kind', 'dlv_01h2e8kqvbfwea724h75qc655w'],
    ['too large', 'blk_zzzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['nothing', ''],
    ['NUL', '\0'],
    ['SQL', "blk_'; drop table webhooks.bulk_retries; --"],
    ['very long', 'blk_'.repeat(25_000)],
  ])('has an ID that is %s', async (_what, id) => {
    const { api } = setup;
    const userErrors = [{ field: ['id'], code: 'NOT_FOUND', message: expect.any(String) }];

    expect(await api.bulkRetry(id)).toBeNull();
    expect(await node(api, id)).toBeNull();
    expect(await api.cancelBulkRetry(id)).toEqual({ bulkRetry: null, userErrors });
  });

  it.each([
    ['without a filter', {}],
    ['with null for a filter', { filter: null }],
    ['with an unknown status', { filter: { statuses: ['BROKEN'] } }],
    ['with null in a list', { filter: { endpointIds: [null] } }],
    ['with an instant that is none', { filter: { createdAt: { from: 'yesterday' } } }],
    ['with a field that there is not', { filter: { ids: [] } }],
    ['neither dry nor not', { filter: {}, dryRun: null }],
  ])('is asked for %s', async (_what, input) => {
    const { errors } = await setup.api.send(
      'mutation ($input: RetryDeliveriesInput!) { retryDeliveries(input: $input) { matchedCount } }',
      { input },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('takes too long to find', async () => {
    const { api, database } = setup;
    await database.query('begin');
    await database.query('lock table webhooks.deliveries in access exclusive mode');
    const answer = api.send('mutation { retryDeliveries(input: { filter: {} }) { matchedCount } }');

    // Ends the search as its time-out would.
    await eventually('the search under way', async () => {
      await database.query('select pg_stat_clear_snapshot()');
      const ended = await database.query(
        `select pg_cancel_backend(pid) from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'
            and query like '%insert into webhooks.bulk_retry_chunks%'`,
      );
      return ended.length > 0;
    }).finally(() => database.query('rollback'));
    const { errors } = await answer;

    expect(errors).toMatchObject([{ path: ['retryDeliveries'], extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors![0]!.message).toContain('Narrow the filter');
  });
});

/** The bulk retry once it is over. */
function end(api: ApiClient, { id }: BulkRetryView): Promise<BulkRetryView> {
  return eventually(
    `${id} over`,
    async () => {
      const bulkRetry = await api.bulkRetry(id);
      return bulkRetry!.status !== 'RUNNING' && bulkRetry;
    },
    LONG_MS,
  );
}

async function reach(api: ApiClient, { id }: BulkRetryView, queued: number): Promise<void> {
  await eventually(`${queued} queued`, async () => (await api.bulkRetry(id))!.queued === queued);
}

async function node(api: ApiClient, id: string): Promise<object | null> {
  return (await api.request<{ node: object }>('query ($id: ID!) { node(id: $id) { id } }', { id })).node;
}

async function attemptCounts(api: ApiClient): Promise<Map<string, number>> {
  return new Map((await api.deliveries()).map(({ id, attemptCount }) => [id, attemptCount]));
}

async function isQueueEmpty({ database }: Setup): Promise<boolean> {
  const jobs = await database.query(`select from webhooks_queue.job where state < 'completed' limit 1`);
  const chunks = await database.query('select from webhooks.bulk_retry_chunks limit 1');
  return jobs.length === 0 && chunks.length === 0;
}

/** Looks at the queue until it is asked for the most jobs that each endpoint had in it. */
function watchQueue({ database }: Setup): () => Promise<Map<string, number>> {
  const most = new Map<string, number>();
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      const rows = await database.query<{ endpoint: string; count: number }>(
        `select data->>'endpointId' as endpoint, count(*)::int from webhooks_queue.job group by 1`,
      );
      for (const { endpoint, count } of rows) most.set(endpoint, Math.max(count, most.get(endpoint) ?? 0));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return async () => {
    isWatching = false;
    await watching;
    return most;
  };
}

/** Another service on the same database. */
async function serveAgain(
  { database, receiver }: Setup,
  env: Record<string, string>,
): Promise<AsyncDisposable & { api: ApiClient }> {
  const caFile = await writeCa(receiver.ca);
  const config = readConfig({ ...testEnvironment(database.url), WEBHOOK_CA_FILE: caFile, ...env });
  const service: Service = await serve({ config, log: createLog({ level: config.logLevel }) });
  return {
    api: new ApiClient(service.url, API_KEY),
    async [Symbol.asyncDispose]() {
      await service.stop();
      await rm(caFile);
    },
  };
}

/**
 * Writes deliveries that came to nothing so far, as if so many events had been published. Answers their ids, oldest
 * first.
 */
async function addDeliveries(
  database: TestDatabase,
  endpoint: { id: string },
  count: number,
  status: 'FAILED' | 'RETRYING' | 'HELD' = 'FAILED',
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId());
  const eventIds = ids.map(() => newId());
  await database.query(
    `insert into webhooks.events (account_id, id, type, body, livemode, created_at)
     select 'default', id, 'invoice.paid', '{}', true, now() from unnest($1::uuid[]) as e (id)`,
    [eventIds],
  );
  await database.query(
    `insert into webhooks.deliveries
       (account_id, id, event_id, event_type, endpoint_id, livemode, status, attempt_count, scheduled_attempt_count,
        next_attempt_at, version, created_at, updated_at, completed_at)
     select 'default', id, event_id, 'invoice.paid', $3, true, $4, 0, 0,
            case when $4 <> 'FAILED' then now() + interval '2 hours' end, 1, now(), now(),
            case when $4 = 'FAILED' then now() end
       from unnest($1::uuid[], $2::uuid[]) as d (id, event_id)`,
    [ids, eventIds, uuidOf(endpoint.id), status],
  );
  return ids.map((id) => toTypeId('dlv', id));
}

/** The deliveries of requests to a path, each as often as it came, the oldest delivery first. */
function deliveryIdsOf(requests: readonly ReceivedRequest[], path = ''): string[] {
  return requests
    .filter((request) => request.path.endsWith(path))
    .map(({ headers }) => String(headers['x-revkeen-delivery']))
    .sort();
}

function uuidOf(id: string): string {
  return fromTypeId('ep', id) ?? fromTypeId('dlv', id) ?? fromTypeId('blk', id)!;
}
