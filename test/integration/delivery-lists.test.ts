import { expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { mixDeliveries } from '../support/mixed-deliveries.js';
import { type Setup, setUp } from '../support/service.js';

it('finds deliveries by status, type, endpoint, event, time and kind, alone and together', async () => {
  const clock = { nowMs: Date.now(), now: () => clock.nowMs };
  await using setup = await setUp({ clock, env: { RETRY_SCHEDULE: '' } });
  const { works, fails, second, one, two, three, test: four } = await mixDeliveries(setup, clock);
  const unknown = { endpoint: 'ep_01h2e8kqvbfwea724h75qc655w', event: 'evt_01h2e8kqvbfwea724h75qc655w' };
  const instant = (ms: number) => new Date(new Date(second.createdAt).getTime() + ms).toISOString();

  for (const [filter, expected] of [
    [{}, [one, two, three, four]],
    [
      { statuses: null, eventTypes: null, endpointIds: null, eventId: null, createdAt: null, livemode: null },
      [one, two, three, four],
    ],
    [{ statuses: ['FAILED'] }, [three]],
    [{ statuses: ['SUCCEEDED', 'FAILED', 'FAILED'] }, [one, two, three, four]],
    [{ statuses: ['PENDING', 'RETRYING', 'HELD'] }, []],
    [{ statuses: [] }, []],
    [{ eventTypes: ['invoice.paid'] }, [two, three]],
    [{ eventTypes: ['no.such_type', 'customer.created'] }, [four]],
    [{ eventTypes: ['no.such_type'] }, []],
    [{ eventTypes: [] }, []],
    [{ endpointIds: [works.id] }, [one, two, four]],
    [{ endpointIds: [fails.id, unknown.endpoint, 'nonsense', works.id] }, [one, two, three, four]],
    [{ endpointIds: [unknown.endpoint, second.id] }, []],
    [{ endpointIds: [] }, []],
    [{ eventId: second.id }, [two, three]],
    [{ eventId: unknown.event }, []],
    [{ eventId: '' }, []],
    [{ createdAt: {} }, [one, two, three, four]],
    [{ createdAt: { from: second.createdAt } }, [two, three, four]],
    [{ createdAt: { from: instant(1) } }, [four]],
    [{ createdAt: { to: second.createdAt } }, [one]],
    [{ createdAt: { from: second.createdAt, to: instant(1) } }, [two, three]],
    [{ createdAt: { from: instant(1), to: instant(0) } }, []],
    [{ createdAt: { from: '0001-01-01T00:00:00Z', to: '9999-12-31T23:59:59.999Z' } }, [one, two, three, four]],
    [{ livemode: true }, [one, two, three]],
    [{ livemode: false }, [four]],
    [{ endpointIds: [works.id], eventTypes: ['invoice.paid', 'customer.created'], livemode: true }, [two]],
    [{ statuses: ['SUCCEEDED'], eventId: second.id, createdAt: { from: second.createdAt } }, [two]],
    [{ statuses: ['SUCCEEDED'], endpointIds: [fails.id] }, []],
  ] as const) {
    const { nodes, totalCount } = await countedPage(setup, { filter });
    expect({ filter, ids: nodes.map(({ id }) => id).sort() }).toEqual({ filter, ids: [...expected].sort() });
    expect(totalCount).toBe(expected.length);
  }
});

it('lists the deliveries of an endpoint and of an event, filtered as any', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const one = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const other = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  await api.publishEvent('invoice.created');
  const { id } = await api.deliveryOf(event, undefined, one.id);
  const list = 'deliveries(filter: $filter) { nodes { id } totalCount }';
  const within = `query ($endpoint: ID!, $event: ID!, $filter: DeliveryFilter) {
    endpoint(id: $endpoint) { ${list} } event(id: $event) { ${list} } }`;
  type Within = Record<'endpoint' | 'event', { deliveries: { nodes: { id: string }[] } }>;
  const find = async (filter: object) => {
    const found = await api.request<Within>(within, { endpoint: one.id, event: event.id, filter });
    return [found.endpoint.deliveries.nodes, found.event.deliveries.nodes];
  };

  expect(await find({})).toMatchObject([{ length: 2 }, { length: 2 }]);
  expect(await find({ eventId: event.id, endpointIds: [one.id] })).toEqual([[{ id }], [{ id }]]);
  expect(await find({ endpointIds: [other.id] })).toMatchObject([[], { length: 1 }]);
  expect(await find({ eventTypes: ['invoice.created'] })).toMatchObject([{ length: 1 }, []]);
});

it('pages newest first in either direction, whatever is published between pages', async () => {
  await using setup = await setUp();
  const { api } = setup;
  await api.createEndpoint({ url: 'https://example.invalid/', allEvents: true });
  const publish = async (count: number) => {
    const { results } = await api.publishEvents(Array(count).fill({ type: 'invoice.paid', data: {} }));
    return results.map(({ event }) => event!.id).reverse();
  };
  const eventsOf = ({ nodes }: { nodes: { event: { id: string } }[] }) => nodes.map(({ event }) => event.id);
  const page = (args: object) => api.page<{ event: { id: string } }>('deliveries', args, 'event { id }');
  const old = await publish(7);

  const first = await page({ first: 3 });
  expect(eventsOf(first)).toEqual(old.slice(0, 3));
  const recent = await publish(4);
  const second = await page({ first: 3, after: first.pageInfo.endCursor });
  expect(eventsOf(second)).toEqual(old.slice(3, 6));
  expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  const third = await page({ first: 3, after: second.pageInfo.endCursor });
  expect(eventsOf(third)).toEqual(old.slice(6));
  expect(third.pageInfo.hasNextPage).toBe(false);

  const back = await page({ last: 3, before: second.pageInfo.startCursor });
  expect(eventsOf(back)).toEqual(old.slice(0, 3));
  expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  const further = await page({ last: 3, before: back.pageInfo.startCursor });
  expect(eventsOf(further)).toEqual(recent.slice(1));
  const top = await page({ last: 3, before: further.pageInfo.startCursor });
  expect(eventsOf(top)).toEqual(recent.slice(0, 1));
  expect(top.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });

  const events = await api.page('events', { first: 5 });
  expect(events.nodes.map(({ id }) => id)).toEqual([...recent, ...old].slice(0, 5));
  const older = await api.page('events', { first: 100, after: events.pageInfo.endCursor });
  expect(older.nodes.map(({ id }) => id)).toEqual([...recent, ...old].slice(5));
  expect((await page({})).nodes).toHaveLength(11);
});

it('lists events by type and time', async () => {
  const clock = { nowMs: Date.now(), now: () => clock.nowMs };
  await using setup = await setUp({ clock });
  const { api } = setup;
  const paid = await api.publishEvent('invoice.paid');
  clock.nowMs += 1_000;
  const created = await api.publishEvent('invoice.created');
  const find = async (args: object) => (await api.page('events', args)).nodes.map(({ id }) => id);

  expect(await find({})).toEqual([created.id, paid.id]);
  expect(await find({ types: ['invoice.paid', 'no.such_type'] })).toEqual([paid.id]);
  expect(await find({ types: ['no.such_type'] })).toEqual([]);
  expect(await find({ types: [] })).toEqual([]);
  expect(await find({ createdAt: { from: created.createdAt } })).toEqual([created.id]);
  expect(await find({ createdAt: { to: created.createdAt }, types: ['invoice.paid'] })).toEqual([paid.id]);
});

it('counts up to ten thousand', async () => {
  await using setup = await setUp();
  const { api, receiver, database } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  const addCopies = (from: number, to: number) =>
    database.query(`
      insert into webhooks.deliveries
      select account_id, overlay(id::text placing lpad(to_hex(n), 12, '0') from 25)::uuid, event_id, event_type, endpoint_id,
             livemode, status, attempt_count, scheduled_attempt_count, next_attempt_at, job_id, job_trigger, version,
             created_at, updated_at, completed_at
        from (select * from webhooks.deliveries limit 1) d cross join generate_series(${from}, ${to}) n`);

  await addCopies(1, 9_999);
  expect((await countedPage(setup, { first: 1 })).totalCount).toBe(10_000);
  await addCopies(10_000, 10_000);
  expect((await api.page('deliveries', { first: 1 })).totalCount).toBeNull();
});

/** Counting gives up after a moment; on a busy machine it may take another try. */
function countedPage({ api }: Setup, args: object) {
  return eventually('a page with its count', async () => {
    const page = await api.page('deliveries', args);
    return page.totalCount !== null && page;
  });
}

it('gives up a list that takes too long, and says what to narrow', async () => {
  await using setup = await setUp();
  const { api, database } = setup;
  const query = 'query ($filter: DeliveryFilter) { deliveries(filter: $filter) { nodes { id } } }';
  // Whatever keeps the database: nothing can be read of the deliveries.
  await database.query('begin');
  await database.query('lock table webhooks.deliveries in access exclusive mode');
  const { errors } = await api.send(query, { filter: { eventTypes: ['invoice.paid'] } });
  await database.query('rollback');

  expect(errors).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(/takes too long\. Narrow it: to a shorter `createdAt`/),
      extensions: { code: 'BAD_USER_INPUT' },
    }),
  ]);
  expect(await api.request(query, { filter: { eventTypes: ['invoice.paid'] } })).toEqual({ deliveries: { nodes: [] } });
});
