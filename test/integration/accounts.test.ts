import { expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api.js';
import { API_KEY, OTHER_API_KEY, setUp } from '../support/service.js';

it('shows an account nothing of another one, whatever it asks for', async () => {
  await using setup = await setUp();
  const { api, otherApi, receiver } = setup;
  const mine = await createEverything(api, receiver.url);

  expect(await seenBy(api, mine)).toMatchObject({
    viewer: { accountId: 'default' },
    endpoint: { id: mine.endpoint },
    endpoints: { totalCount: 1 },
    event: { id: mine.event },
    delivery: { id: mine.delivery },
    ofEndpoint: { totalCount: 1 },
    attempt: { id: mine.attempt },
  });
  expect(await seenBy(otherApi, mine)).toEqual({
    viewer: { accountId: 'other' },
    endpoint: null,
    endpoints: { nodes: [], totalCount: 0 },
    event: null,
    events: { nodes: [] },
    delivery: null,
    deliveries: { nodes: [], totalCount: 0 },
    ofEndpoint: { nodes: [], totalCount: 0 },
    ofEvent: { nodes: [], totalCount: 0 },
    found: { nodes: [], totalCount: 0 },
    endpointNode: null,
    eventNode: null,
    deliveryNode: null,
    attempt: null,
  });
});

it('lets an account change nothing of another one', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '1h' } });
  const { api, otherApi, receiver, database } = setup;
  receiver.answer({ status: 500 });
  const mine = await createEverything(api, receiver.url);
  const tables = ['endpoints', 'events', 'deliveries', 'attempts', 'endpoint_stats', 'endpoint_health'];
  const contents = () => Promise.all(tables.map((table) => database.query(`select t::text from webhooks.${table} t`)));
  const before = await contents();

  const refused = [
    await otherApi.updateEndpoint({ id: mine.endpoint, description: 'Mine now' }),
    await otherApi.deleteEndpoint(mine.endpoint),
    await otherApi.rotateSigningSecret({ id: mine.endpoint }),
    await otherApi.revealSigningSecret(mine.endpoint),
    await otherApi.sendTestEvent({ endpointId: mine.endpoint, type: 'invoice.paid' }),
    await otherApi.retryDelivery(mine.delivery),
  ];

  for (const { userErrors, ...rest } of refused) {
    expect(userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(new Set(Object.values(rest))).toEqual(new Set([null]));
  }
  expect(await contents()).toEqual(before);
  expect(receiver.requests).toHaveLength(1);
});

it('delivers the events of each account to its own endpoints, also when they are published together', async () => {
  await using setup = await setUp();
  const { api, otherApi, receiver } = setup;
  await api.createEndpoint({ url: `${receiver.url}/default`, allEvents: true });
  await otherApi.createEndpoint({ url: `${receiver.url}/other`, allEvents: true });

  await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const [account, client] = index % 2 ? (['default', api] as const) : (['other', otherApi] as const);
      return client.tryToPublish({ type: 'invoice.paid', data: { account }, idempotencyKey: `key-${index >> 1}` });
    }),
  );

  for (const { path, rawBody } of await receiver.receive(20)) {
    expect(path).toBe(`/webhooks/${JSON.parse(rawBody).data.account}`);
  }
  expect((await api.page('events')).nodes).toHaveLength(10);
});

it('keeps neither keys nor signing secrets in clear, nor the secrets of a rotation', async () => {
  await using setup = await setUp();
  const { api, otherApi, receiver, database } = setup;
  const { id, signingSecret } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const { signingSecret: next } = await api.rotateSigningSecret({ id });
  const { key: storedKey } = await otherApi.createApiKey(['events:read']);
  const { viewer } = await api.as(storedKey).request<{ viewer: object }>('{ viewer { accountId } }');
  expect(viewer).toEqual({ accountId: 'other' });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });
  await api.revealSigningSecret(id);

  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  expect(tables.map(({ name }) => name)).toContain('webhooks.endpoints');
  for (const { name } of tables) {
    const rows = await database.query<{ text: string }>(`select t::text as text from ${name} t`);
    const dump = rows.map(({ text }) => text).join('\n');
    for (const secret of ['whsec_', signingSecret, next!, API_KEY, OTHER_API_KEY, storedKey]) {
      for (const form of [secret, secret.replace('whsec_', ''), Buffer.from(secret).toString('hex')]) {
        if (form !== '') expect({ name, found: dump.includes(form) }).toEqual({ name, found: false });
      }
    }
  }
});

interface Ids {
  endpoint: string;
  event: string;
  delivery: string;
  attempt: string;
}

async function createEverything(api: ApiClient, url: string): Promise<Ids> {
  const endpoint = await api.createEndpoint({ url, allEvents: true, description: 'Only mine' });
  const event = await api.publishEvent('invoice.paid');
  const delivery = await api.deliveryOf(event, ({ attemptCount }) => attemptCount === 1);
  return { endpoint: endpoint.id, event: event.id, delivery: delivery.id, attempt: delivery.attempts[0]!.id };
}

/** What every query says to somebody who knows all IDs. */
function seenBy(api: ApiClient, ids: Ids): Promise<object> {
  const list = '{ nodes { id } totalCount }';
  return api.request(
    `query ($endpoint: ID!, $event: ID!, $delivery: ID!, $attempt: ID!) {
      viewer { accountId }
      endpoint(id: $endpoint) { id }
      endpoints ${list}
      event(id: $event) { id }
      events { nodes { id } }
      delivery(id: $delivery) { id }
      deliveries ${list}
      ofEndpoint: deliveries(filter: { endpointIds: [$endpoint] }) ${list}
      ofEvent: deliveries(filter: { eventId: $event }) ${list}
      found: endpoints(filter: { search: "only mine" }) ${list}
      endpointNode: node(id: $endpoint) { id }
      eventNode: node(id: $event) { id }
      deliveryNode: node(id: $delivery) { id }
      attempt: node(id: $attempt) { id }
    }`,
    ids,
  );
}
