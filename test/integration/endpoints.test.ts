import { expect, it } from '@jest/globals';
import { setUp } from '../support/service.js';

const CATALOG_SIZE = 20;

it('lists endpoints with URL, number of events, status, success rate and last delivery', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const used = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid', 'invoice.created'] });
  const idle = await api.createEndpoint({ url: 'https://example.com/hooks', eventTypes: ['customer.created'] });
  const delivery = await api.deliveryOf(await api.publishEvent('invoice.paid'));

  const { nodes, totalCount } = await api.page(
    'endpoints',
    {},
    'id url eventTypeCount status successRate lastDeliveryAt lastDelivery { id eventType }',
  );

  expect(totalCount).toBe(2);
  expect(nodes).toEqual([
    {
      id: idle.id,
      url: 'https://example.com/hooks',
      eventTypeCount: 1,
      status: 'ACTIVE',
      successRate: null,
      lastDeliveryAt: null,
      lastDelivery: null,
    },
    {
      id: used.id,
      url: receiver.url,
      eventTypeCount: 2,
      status: 'ACTIVE',
      successRate: 1,
      lastDeliveryAt: delivery.attempts[0]!.startedAt,
      lastDelivery: { id: delivery.id, eventType: 'invoice.paid' },
    },
  ]);
});

it('creates an endpoint for all events or for some, with or without a description', async () => {
  await using setup = await setUp();
  const { api } = setup;

  const all = await api.createEndpoint({ url: 'https://example.com/', allEvents: true, description: 'Everything' });
  const some = await api.createEndpoint({
    url: 'https://EXAMPLE.com:443/a b?q=1#part',
    eventTypes: ['invoice.paid', 'chargeback.won', 'invoice.paid'],
  });

  expect(all).toMatchObject({
    id: expect.stringMatching(/^ep_[0-9a-hjkmnp-tv-z]{26}$/),
    url: 'https://example.com/',
    description: 'Everything',
    allEvents: true,
    eventTypes: [],
    eventTypeCount: CATALOG_SIZE,
    status: 'ACTIVE',
    previousSecretExpiresAt: null,
    version: 1,
  });
  expect(some).toMatchObject({
    url: 'https://example.com/a%20b?q=1',
    description: null,
    allEvents: false,
    eventTypes: ['invoice.paid', 'chargeback.won'],
    eventTypeCount: 2,
  });
  const { signingSecret, ...shown } = some;
  expect(await api.endpoint(some.id)).toEqual(shown);
});

it('offers the sixteen events of the product page in six categories, then those of the service itself, each with a sample', async () => {
  await using setup = await setUp();

  const { eventTypes } = await setup.api.request<{
    eventTypes: { name: string; category: string; description: string; sampleData: object }[];
  }>('{ eventTypes { name category description sampleData } }');

  const byCategory = Map.groupBy(eventTypes, ({ category }) => category);
  expect(
    Object.fromEntries([...byCategory].map(([category, types]) => [category, types.map(({ name }) => name)])),
  ).toEqual({
    Payments: ['payment.succeeded', 'payment.failed', 'payment.refunded'],
    Invoices: ['invoice.created', 'invoice.paid', 'invoice.payment_failed'],
    Subscriptions: ['subscription.created', 'subscription.renewed', 'subscription.canceled'],
    Customers: ['customer.created', 'customer.updated'],
    Checkouts: ['checkout.completed', 'checkout.abandoned'],
    Disputes: ['chargeback.opened', 'chargeback.won', 'chargeback.lost'],
    Webhooks: ['endpoint.failing', 'endpoint.recovered', 'endpoint.disabled', 'delivery.failed'],
  });
  for (const { description, sampleData } of eventTypes) {
    expect(description).not.toBe('');
    expect(Object.keys(sampleData).length).toBeGreaterThan(0);
  }
});

it('changes what an update gives and leaves the rest, as a new version', async () => {
  await using setup = await setUp();
  const { api } = setup;
  const { id, signingSecret, ...created } = await api.createEndpoint({
    url: 'https://example.com/one',
    description: 'First',
    eventTypes: ['invoice.paid'],
  });

  const moved = await api.updateEndpoint({ id, url: 'https://example.com/two' });
  expect(moved).toEqual({ endpoint: { ...created, id, url: 'https://example.com/two', version: 2 }, userErrors: [] });

  const { endpoint: all } = await api.updateEndpoint({ id, allEvents: true });
  expect(all).toMatchObject({ allEvents: true, eventTypes: [], eventTypeCount: CATALOG_SIZE, description: 'First' });

  const { endpoint: some } = await api.updateEndpoint({ id, eventTypes: ['customer.created', 'customer.updated'] });
  expect(some).toMatchObject({ allEvents: false, eventTypes: ['customer.created', 'customer.updated'], version: 4 });

  const { endpoint: asBefore } = await api.updateEndpoint({ id, allEvents: false, description: null });
  expect(asBefore).toEqual({ ...some, description: null, version: 5 });
  expect(await api.endpoint(id)).toEqual(asBefore);
});

it('takes an explicit null for a description only', async () => {
  await using setup = await setUp();
  const { api } = setup;
  const { id, signingSecret, ...rest } = await api.createEndpoint({ url: 'https://example.com/', allEvents: true });

  for (const field of ['url', 'allEvents', 'eventTypes', 'version']) {
    const { endpoint, userErrors } = await api.updateEndpoint({ id, description: 'New', [field]: null });
    expect(endpoint).toBeNull();
    expect(userErrors).toEqual([{ field: ['input', field], code: 'INVALID', message: expect.any(String) }]);
  }

  expect(await api.endpoint(id)).toEqual({ id, ...rest });
});

it('refuses a subscription that contradicts itself or leaves nothing', async () => {
  await using setup = await setUp();
  const { api } = setup;
  const { id } = await api.createEndpoint({ url: 'https://example.com/', allEvents: true });

  for (const contradiction of [
    { allEvents: true, eventTypes: ['invoice.paid'] },
    { allEvents: false },
    { eventTypes: [] },
    { allEvents: false, eventTypes: [] },
  ]) {
    const { endpoint, userErrors } = await api.updateEndpoint({ id, ...contradiction });
    expect(endpoint).toBeNull();
    expect(userErrors).toEqual([
      {
        field: ['input', expect.stringMatching(/^(allEvents|eventTypes)$/)],
        code: 'INVALID',
        message: expect.any(String),
      },
    ]);
  }

  expect(await api.endpoint(id)).toMatchObject({ allEvents: true, version: 1 });
});

it('lets one of many win who change the same version', async () => {
  await using setup = await setUp();
  const { api } = setup;
  const { id, version } = await api.createEndpoint({ url: 'https://example.com/', allEvents: true });

  const results = await Promise.all(
    Array.from({ length: 10 }, (_, index) => api.updateEndpoint({ id, version, description: `Number ${index}` })),
  );

  const winners = results.filter(({ endpoint }) => endpoint);
  expect(winners).toHaveLength(1);
  for (const { userErrors } of results.filter(({ endpoint }) => !endpoint)) {
    expect(userErrors).toMatchObject([{ field: ['input', 'version'], code: 'STALE_VERSION' }]);
  }
  expect(await api.endpoint(id)).toEqual(winners[0]!.endpoint);
});

it('finds endpoints by status, by what they receive and by text', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '' } });
  const { api, receiver } = setup;
  receiver.answer({ status: 500 });
  const failing = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
  await api.deliveryOf(await api.publishEvent('invoice.paid'), ({ status }) => status === 'FAILED');
  const till = { url: 'https://shop.example.com/', allEvents: true, description: 'Große Kasse 1_2' };
  const all = await api.createEndpoint(till);
  const some = await api.createEndpoint({ url: 'https://example.com/100%25', eventTypes: ['customer.created'] });
  const newestFirst = [some.id, all.id, failing.id];

  for (const [filter, expected] of [
    [{}, newestFirst],
    [{ statuses: null, eventType: null, search: null }, newestFirst],
    [{ search: '' }, newestFirst],
    [{ statuses: ['FAILING'] }, [failing.id]],
    [{ statuses: ['ACTIVE'] }, [some.id, all.id]],
    [{ statuses: ['ACTIVE', 'FAILING', 'DISABLED'] }, newestFirst],
    [{ statuses: ['DISABLED'] }, []],
    [{ statuses: [] }, []],
    [{ eventType: 'invoice.paid' }, [all.id, failing.id]],
    [{ eventType: 'no.such_type' }, []],
    [{ search: 'EXAMPLE.com' }, [some.id, all.id]],
    [{ search: 'große KASSE' }, [all.id]],
    [{ search: '1_2' }, [all.id]],
    [{ search: '%' }, [some.id]],
    [{ search: '\0' }, []],
    [{ search: 'example', eventType: 'invoice.paid', statuses: ['ACTIVE'] }, [all.id]],
  ] as const) {
    const { nodes, totalCount } = await api.page('endpoints', { filter });
    expect({ filter, ids: nodes.map(({ id }) => id) }).toEqual({ filter, ids: expected });
    expect(totalCount).toBe(expected.length);
  }
});

it('pages through endpoints from either end, newest first', async () => {
  await using setup = await setUp();
  const { api } = setup;
  const ids: string[] = [];
  for (let count = 0; count < 7; count += 1) {
    ids.unshift((await api.createEndpoint({ url: `https://example.com/${count}`, allEvents: true })).id);
  }
  const idsOf = ({ nodes }: { nodes: { id: string }[] }) => nodes.map(({ id }) => id);

  const first = await api.page('endpoints', { first: 3 });
  expect(idsOf(first)).toEqual(ids.slice(0, 3));
  expect(first).toMatchObject({ totalCount: 7, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
  const second = await api.page('endpoints', { first: 3, after: first.pageInfo.endCursor });
  expect(idsOf(second)).toEqual(ids.slice(3, 6));
  expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  const third = await api.page('endpoints', { first: 3, after: second.pageInfo.endCursor });
  expect(idsOf(third)).toEqual(ids.slice(6));
  expect(third.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });

  const last = await api.page('endpoints', { last: 3 });
  expect(idsOf(last)).toEqual(ids.slice(4));
  expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  const before = await api.page('endpoints', { last: 3, before: last.pageInfo.startCursor });
  expect(idsOf(before)).toEqual(ids.slice(1, 4));
  const between = { after: first.edges[0]!.cursor, before: last.edges[0]!.cursor };
  expect(idsOf(await api.page('endpoints', between))).toEqual(ids.slice(1, 4));
  const none = await api.page('endpoints', { first: 0 });
  expect(none).toMatchObject({ nodes: [], pageInfo: { startCursor: null, endCursor: null } });
});
