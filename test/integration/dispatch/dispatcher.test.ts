import { expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { setUp } from '../../support/service.js';

const JOBS = 'webhooks_queue.job';

it('delivers a backlog through a small window, each event once', async () => {
  await using setup = await setUp({ env: { ENDPOINT_WINDOW: '10' } });
  const { api, receiver, database } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const release = receiver.holdAnswers();

  const { results } = await api.publishEvents(Array.from({ length: 500 }, () => ({ type: 'invoice.paid', data: {} })));

  const [queued] = await database.query<{ count: number }>(`select count(*)::int as count from ${JOBS}`);
  expect(queued!.count).toBeLessThanOrEqual(10);
  release();
  const requests = await receiver.receive(500, { timeoutMs: 20_000 });
  expect(requests.map(({ headers }) => headers['webhook-id']).sort()).toEqual(
    results.map(({ event }) => event!.id).sort(),
  );
  await eventually('nothing left in the queue', async () => {
    const [left] = await database.query<{ count: number }>(`select count(*)::int as count from ${JOBS}`);
    return left!.count === 0;
  });
  expect(receiver.requests).toHaveLength(500);
});

it('goes on delivering to others while one endpoint hangs', async () => {
  await using setup = await setUp({ env: { DISPATCH_CONCURRENCY: '8', ENDPOINT_CONCURRENCY: '2' } });
  const { api, receiver } = setup;
  const url = receiver.url;
  const release = receiver.holdAnswers(({ path }) => path.endsWith('hangs'));
  await api.createEndpoint({ url: `${url}?hangs`, allEvents: true });
  await api.createEndpoint({ url, allEvents: true });

  await api.publishEvents(Array.from({ length: 50 }, () => ({ type: 'invoice.paid', data: {} })));

  const healthy = await eventually('all fifty at the healthy endpoint', async () => {
    const requests = receiver.requests.filter(({ path }) => !path.endsWith('hangs'));
    return requests.length === 50 && requests;
  });
  expect(healthy).toHaveLength(50);
  expect(receiver.requests.filter(({ path }) => path.endsWith('hangs'))).toHaveLength(2);
  release();
  await receiver.receive(100);
});

it('queues anew what the queue has lost', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '1s' } });
  const { api, receiver, database } = setup;
  receiver.answer({ status: 500 });
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  await api.deliveryOf(event, ({ status }) => status === 'RETRYING');
  receiver.answer({ status: 200 });

  await database.query(`delete from ${JOBS}`);

  const delivery = await api.deliveryOf(event);
  expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['HTTP_ERROR', 'SUCCEEDED']);
});

it('does nothing for a stale job', async () => {
  await using setup = await setUp();
  const { api, receiver, database } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  await api.deliveryOf(event);

  await database.query(
    `insert into ${JOBS} (id, name, priority, data, retry_limit)
     select gen_random_uuid(), 'attempts', 10,
            jsonb_build_object('accountId', account_id, 'deliveryId', id, 'endpointId', endpoint_id), 1000
       from webhooks.deliveries`,
  );

  await eventually('the stale job gone', async () => {
    const [left] = await database.query<{ count: number }>(`select count(*)::int as count from ${JOBS}`);
    return left!.count === 0;
  });
  expect(receiver.requests).toHaveLength(1);
});

it('finishes and records what is in flight when it stops', async () => {
  await using setup = await setUp();
  const { api, receiver, database, service } = setup;
  const release = receiver.holdAnswers();
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.publishEvent('invoice.paid');
  await receiver.receive(1);

  const stopped = service.stop();
  release();
  await stopped;

  const rows = await database.query(
    'select d.status, a.outcome from webhooks.deliveries d join webhooks.attempts a on a.delivery_id = d.id',
  );
  expect(rows).toEqual([{ status: 'SUCCEEDED', outcome: 'SUCCEEDED' }]);
});
