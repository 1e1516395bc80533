import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCOPES } from '../../src/access/account.js';
import { buildSchema } from '../../src/api/schema.js';
import type { ApiClient, GraphqlResponse } from '../support/api.js';
import { createBelongings, digestOf } from '../support/belongings.js';
import { everyOperation, type Ids, type Operation } from '../support/every-operation.js';
import { LiveClient, RawSocket } from '../support/live.js';
import { type Setup, setUp } from '../support/service.js';

const operations = everyOperation(buildSchema());

let setup: Setup;
let ids: Ids;
const clients = new Map<string, ApiClient>();

beforeAll(async () => {
  setup = await setUp();
  ids = await createBelongings(setup.api, setup.receiver.url);
});

afterAll(async () => setup[Symbol.asyncDispose]());

/** The API as a key sees it that has these scopes and no others. */
async function withScopes(scopes: readonly string[]): Promise<ApiClient> {
  const name = scopes.join(' ');
  const client = clients.get(name) ?? (await setup.api.createApiKey(scopes)).api;
  clients.set(name, client);
  return client;
}

const withoutScope = (scope: string) => withScopes(SCOPES.filter((one) => one !== scope));

/** Sends an operation the way that it goes: over a socket if it is a subscription, where the first answer counts. */
async function run(client: ApiClient, { kind, document, variables }: Operation): Promise<GraphqlResponse<unknown>> {
  if (kind !== 'subscription') return client.send(document, variables(ids));
  await using socket = await RawSocket.connect(client);
  socket.subscribe('one', document, { variables: variables(ids) });
  const { type, payload } = await socket.messages.until((message) => message.id === 'one');
  if (type === 'error') return { status: 200, data: null, errors: payload as never };
  return { status: 200, ...(payload as { data: unknown }) };
}

/** What mutations that were not refused would have changed. */
function written(): Promise<unknown[]> {
  return setup.database.query(
    `select (select count(*) from webhooks.events) as events, (select count(*) from webhooks.api_keys) as keys,
            (select string_agg(e::text, '') from webhooks.endpoints e) as endpoints`,
  );
}

const refusalFor = (scope: string) => ({
  status: 200,
  data: null,
  errors: [{ message: expect.stringContaining(` needs the scope ${scope}, `), extensions: { code: 'FORBIDDEN' } }],
});

describe('every operation', () => {
  it('is refused without each scope that it needs, and then nothing happens', async () => {
    // They are made before the account is looked at.
    for (const scope of SCOPES) await withoutScope(scope);
    const before = await digestOf(setup.database, 'default');

    for (const operation of operations) {
      for (const scope of operation.scopes) {
        const answer = await run(await withoutScope(scope), operation);
        expect({ name: operation.name, answer }).toEqual({ name: operation.name, answer: refusalFor(scope) });
      }
    }

    const { api_keys: _, ...others } = await digestOf(setup.database, 'default');
    // When a key was used is written down, whatever it was used for.
    expect(others).toEqual(Object.fromEntries(Object.entries(before).filter(([table]) => table !== 'api_keys')));
  });

  it('works with the scopes that it needs, and no others', async () => {
    for (const operation of operations) {
      const scopes = operation.scopes.length > 0 ? operation.scopes : ['catalog:admin'];
      const { data, errors } = await run(await withScopes(scopes), operation);
      const { userErrors = [] } = ((data as Record<string, unknown>)?.[operation.field] ?? {}) as { userErrors?: [] };
      expect({ name: operation.name, errors, userErrors }).toEqual({
        name: operation.name,
        errors: undefined,
        userErrors: [],
      });
    }
    // The last of them deleted it.
    ids = await createBelongings(setup.api, setup.receiver.url, 'a key used once');
  });
});

describe('what one comes to from elsewhere', () => {
  const EP = 'endpoints:read';
  const DLV = 'deliveries:read';
  const EVT = 'events:read';

  it.each<[string, string[], string, string, object?]>([
    ['an endpoint behind a delivery', [DLV], EP, '{ deliveries { nodes { endpoint { url } } } }'],
    ['an event behind a delivery', [DLV], EVT, '{ deliveries { edges { node { event { body } } } } }'],
    ['deliveries behind an event', [EVT], DLV, '{ events { nodes { deliveries { nodes { id } } } } }'],
    ['how many deliveries an event has', [EVT], DLV, '{ events { nodes { deliveries { totalCount } } } }'],
    ['deliveries behind an endpoint', [EP], DLV, '{ endpoints { nodes { deliveries { pageInfo { hasNextPage } } } } }'],
    ['the last delivery of an endpoint', [EP], DLV, '{ endpoints { nodes { lastDelivery { status } } } }'],
    ['nothing but the name of a type', [EVT], EP, '{ endpoints { __typename } }'],
    ['under another name', [EVT], EP, '{ events: endpoints { nodes { id } } }'],
    ['after something allowed', [EVT], EP, '{ events { nodes { id } } viewer { accountId } endpoints { totalCount } }'],
    ['in a fragment', [EVT], EP, '{ ...all } fragment all on Query { endpoints { nodes { id } } }'],
    [
      'in a fragment within a fragment, spread twice',
      [DLV],
      EP,
      `{ deliveries { nodes { ...one } edges { node { ...one } } } }
       fragment one on Delivery { id ...where } fragment where on Delivery { endpoint { id } }`,
    ],
    ['in an inline fragment', [EVT], EP, '{ ... { ... on Query { endpoints { nodes { id } } } } }'],
    ['by id', [DLV], EP, 'query ($id: ID!) { node(id: $id) { __typename } }'],
    ['by id in the text', [DLV], EP, '{ node(id: "ENDPOINT") { id } }'],
    ['by id as a default', [DLV], EP, 'query ($none: ID = "ENDPOINT") { node(id: $none) { id } }'],
    ['by id, second of two', [DLV], EP, '{ one: node(id: "dlv_x") { id } two: node(id: "ENDPOINT") { id } }'],
    ['by id in a fragment', [DLV], EP, '{ ...f } fragment f on Query { node(id: "ENDPOINT") { id } }'],
    [
      'by id, and on from there',
      [DLV],
      EP,
      '{ node(id: "DELIVERY") { ... on Node { ... on Delivery { endpoint { id } } } } }',
    ],
    ['an API key by id', [EP, DLV, EVT], 'keys:admin', '{ node(id: "APIKEY") { id } }'],
    ['left out this time', [EVT], EP, 'query ($no: Boolean = false) { endpoints @include(if: $no) { totalCount } }'],
    ['not left out', [EVT], EP, 'query ($no: Boolean!) { endpoints @skip(if: $no) { totalCount } }', { no: false }],
    ['in the operation that runs', [EVT], EP, 'query a { endpoints { totalCount } } query b { viewer { accountId } }'],
    [
      'the endpoint of what one has just retried',
      ['deliveries:write'],
      EP,
      'mutation { retryDelivery(id: "DELIVERY") { delivery { endpoint { url } } } }',
    ],
    [
      'the attempts of what one has just retried',
      ['deliveries:write'],
      DLV,
      'mutation { retryDelivery(id: "DELIVERY") { delivery { attempts { responseBody } } } }',
    ],
    [
      'the deliveries of what one has just published',
      ['events:write'],
      DLV,
      'mutation { publishEvent(input: { type: "invoice.paid", data: 1 }) { event { deliveries { totalCount } } } }',
    ],
    [
      'a second mutation',
      ['events:write'],
      'endpoints:write',
      `mutation { publishEvent(input: { type: "invoice.paid", data: 1 }) { deliveryCount }
                  deleteEndpoint(id: "ENDPOINT") { deletedEndpointId } }`,
    ],
  ])('is refused: %s', async (_what, scopes, missing, document, variables = { id: ids.endpoint }) => {
    const client = await withScopes(scopes);
    const before = await written();
    const query = document
      .replace('ENDPOINT', ids.endpoint)
      .replace('DELIVERY', ids.delivery)
      .replace('APIKEY', ids.apiKey);
    const operationName = query.startsWith('query a') ? 'a' : undefined;

    const response = await client.post(JSON.stringify({ query, variables, operationName }));

    expect({ status: response.status, ...((await response.json()) as object) }).toEqual(refusalFor(missing));
    expect(await written()).toEqual(before);
  });

  it.each<[string, string[], string, object?]>([
    ['an id of nothing', [EP], '{ node(id: "nonsense") { id } }'],
    ['an id of a kind that is none', [EP], '{ node(id: "__proto___x") { id } b: node(id: "toString_x") { id } }'],
    ['a type that the object is not of', [EP], '{ node(id: "ENDPOINT") { ... on Delivery { status } id } }'],
    [
      'another operation of the same document',
      [EP],
      'query a { endpoints { totalCount } } query b { events { nodes { id } } }',
    ],
    ['the schema', [], '{ __schema { queryType { name } } __typename }'],
    [
      'an endpoint that one has written',
      ['endpoints:write'],
      'mutation { updateEndpoint(input: { id: "ENDPOINT" }) { endpoint { url } } }',
    ],
    [
      'how an endpoint is doing',
      [EP],
      '{ endpoints { nodes { heldCount successRate stats { total } status lastDeliveryAt } } }',
    ],
    [
      'what was sent and answered',
      [DLV],
      '{ deliveries { nodes { eventType attempts { requestBody responseBody } } } }',
    ],
  ])('is not: %s', async (_what, scopes, document) => {
    const client = await withScopes(scopes.length > 0 ? scopes : ['catalog:admin']);
    const query = document.replace('ENDPOINT', ids.endpoint);
    const operationName = query.startsWith('query a') ? 'a' : undefined;

    const response = await client.post(JSON.stringify({ query, operationName }));

    expect(await response.json()).toEqual({ data: expect.anything() });
  });

  it('is refused of subscriptions, by the scope of what they carry', async () => {
    await using live = await LiveClient.connect(await withScopes([DLV]));
    for (const [missing, document] of [
      [EP, 'subscription { endpointUpdated { kind } }'],
      [EP, 'subscription { deliveryUpdated { delivery { endpoint { url } } } }'],
      [EVT, 'subscription { deliveryUpdated { ...f } } fragment f on DeliveryUpdate { delivery { event { id } } }'],
      [EP, 'subscription s { updates: endpointUpdated { __typename } }'],
      [
        EP,
        'subscription ($no: Boolean = false) { deliveryUpdated { delivery @include(if: $no) { endpoint { id } } } }',
      ],
    ] as const) {
      const errors = await live.subscribe(document).errors();
      expect({ document, errors }).toEqual({ document, errors: refusalFor(missing).errors });
    }
    const update = await live
      .subscribe('subscription { deliveryUpdated { kind delivery { attempts { id } } } }')
      .next();
    expect(update).toEqual({ deliveryUpdated: { kind: 'READY', delivery: null } });
  });
});

it('shows the scopes to whoever has them', async () => {
  const client = await withScopes(['events:read', 'keys:admin']);

  const { viewer } = await client.request<{ viewer: object }>('{ viewer { accountId scopes } }');

  expect(viewer).toEqual({ accountId: 'default', scopes: ['events:read', 'keys:admin'] });
});
