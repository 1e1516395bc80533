import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Setup, setUp } from '../support/service.js';

let setup: Setup;
let endpointId: string;
let deliveryId: string;
let eventId: string;
let strangers: { endpoint: string; event: string; delivery: string; attempt: string };
let before: unknown;

beforeAll(async () => {
  setup = await setUp({ env: { LOG_LEVEL: 'silent' } });
  const { api, otherApi, receiver } = setup;
  const mine = await publishTo(api);
  ({ endpointId, eventId, deliveryId } = mine);
  const theirs = await publishTo(otherApi);
  strangers = {
    endpoint: theirs.endpointId,
    event: theirs.eventId,
    delivery: theirs.deliveryId,
    attempt: theirs.attemptId,
  };
  before = await contents();

  async function publishTo(client: typeof api) {
    const endpoint = await client.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
    const delivery = await client.deliveryOf(await client.publishEvent('invoice.paid'));
    const { id: attemptId } = delivery.attempts[0]!;
    return { endpointId: endpoint.id, eventId: delivery.event.id, deliveryId: delivery.id, attemptId };
  }
});

afterAll(async () => {
  // Nothing was half written, whatever was tried.
  const after = await contents();
  await setup[Symbol.asyncDispose]();
  expect(after).toEqual(before);
});

/** Every row of the service's tables and of its queue. */
async function contents(): Promise<unknown> {
  const tables = [
    'endpoints',
    'endpoint_health',
    'endpoint_stats',
    'events',
    'deliveries',
    'attempts',
    'idempotency_keys',
  ];
  const rows = tables.map((table) => setup.database.query(`select t::text from webhooks.${table} t order by 1`));
  return [...(await Promise.all(rows)), await setup.database.query('select id from webhooks_queue.job')];
}

const wrongIds = (prefix: 'endpoint' | 'event' | 'delivery') => {
  const unknown = { endpoint: 'ep', event: 'evt', delivery: 'dlv' }[prefix];
  const otherKind = prefix === 'endpoint' ? eventId : endpointId;
  return [
    `${unknown}_01h2e8kqvbfwea724h75qc655w`,
    strangers[prefix],
    otherKind,
    '',
    'nonsense',
    `${unknown}_`,
    `${unknown}_01H2E8KQVBFWEA724H75QC655W`,
    `${unknown}_zzzzzzzzzzzzzzzzzzzzzzzzzz`,
    '018c5b0e-7a9b-7c3e-9b0e-000000000000',
    '\0',
    '\ud800',
    'x'.repeat(100_000),
    "'; drop table webhooks.endpoints; --",
  ];
};

describe('an ID that is unknown, malformed, of another kind or of another account', () => {
  it('is null in queries', async () => {
    const { api } = setup;
    for (const kind of ['endpoint', 'event', 'delivery'] as const) {
      for (const id of wrongIds(kind)) {
        const data = await api.request<object>(`query ($id: ID!) { ${kind}(id: $id) { id } }`, { id });
        expect({ id, ...data }).toEqual({ id, [kind]: null });
      }
    }
    for (const id of [
      ...Object.values(strangers),
      'att_01h2e8kqvbfwea724h75qc655w',
      'blk_01h2e8kqvbfwea724h75qc655w',
      '',
      'x',
    ]) {
      expect(await api.request('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
    }
  });

  it('is NOT_FOUND in mutations', async () => {
    const { api } = setup;
    for (const id of wrongIds('endpoint')) {
      for (const [answer, field] of [
        [await api.updateEndpoint({ id, description: 'x' }), ['input', 'id']],
        [await api.deleteEndpoint(id), ['id']],
        [await api.rotateSigningSecret({ id }), ['input', 'id']],
        [await api.revealSigningSecret(id), ['id']],
        [await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' }), ['input', 'endpointId']],
      ] as const) {
        const { userErrors, ...entities } = answer;
        expect({ id, userErrors }).toEqual({
          id,
          userErrors: [{ field, code: 'NOT_FOUND', message: expect.any(String) }],
        });
        expect(Object.values(entities).every((entity) => entity === null)).toBe(true);
      }
    }
    for (const id of wrongIds('delivery')) {
      const { delivery, userErrors } = await api.retryDelivery(id);
      expect(delivery).toBeNull();
      expect(userErrors).toEqual([{ field: ['id'], code: 'NOT_FOUND', message: expect.any(String) }]);
    }
  });

  it('matches nothing in filters', async () => {
    for (const kind of ['endpoint', 'event'] as const) {
      for (const id of wrongIds(kind)) {
        const filter = kind === 'endpoint' ? { endpointIds: [id] } : { eventId: id };
        expect((await setup.api.page('deliveries', { filter })).nodes).toEqual([]);
      }
    }
  });
});

const url = 'https://example.com/';
const at = (address: string) => ({ url: address, allEvents: true });

describe('an endpoint that cannot be', () => {
  it.each([
    ['an http: URL', at('http://example.com/'), 'url', 'URL_NOT_ALLOWED'],
    ['another scheme', at('ftp://example.com/'), 'url', 'URL_NOT_ALLOWED'],
    ['no scheme', at('example.com/hooks'), 'url', 'INVALID_URL'],
    ['no URL at all', at(''), 'url', 'INVALID_URL'],
    ['a URL with NUL in its host', at('https://exa\0mple.com/'), 'url', 'INVALID_URL'],
    ['a URL too long', at(url + 'x'.repeat(2_029)), 'url', 'INVALID_URL'],
    ['credentials in the URL', at('https://me:secret@example.com/'), 'url', 'URL_NOT_ALLOWED'],
    ['a private address', at('https://10.1.2.3/'), 'url', 'URL_NOT_ALLOWED'],
    ['a private address in disguise', at('https://0x0a010203/'), 'url', 'URL_NOT_ALLOWED'],
    ['a mapped private address', at('https://[::ffff:192.168.0.1]/'), 'url', 'URL_NOT_ALLOWED'],
    ['cloud metadata', at('https://169.254.169.254/latest'), 'url', 'URL_NOT_ALLOWED'],
    ['a name of a private network', at('https://db.internal/'), 'url', 'URL_NOT_ALLOWED'],
    ['an empty subscription', { url, allEvents: false, eventTypes: [] }, 'eventTypes', 'INVALID'],
    ['two subscriptions', { ...at(url), eventTypes: ['invoice.paid'] }, 'eventTypes', 'INVALID'],
    ['an unknown type', { url, eventTypes: ['invoice.paid', 'no.such'] }, 'eventTypes', 'UNKNOWN_EVENT_TYPE'],
    ['a description too long', { ...at(url), description: 'x'.repeat(1_001) }, 'description', 'TOO_LONG'],
    ['NUL in the description', { ...at(url), description: 'a\0b' }, 'description', 'INVALID'],
    ['half a character in it', { ...at(url), description: 'a\ud83d' }, 'description', 'INVALID'],
  ])('is refused for %s, both new and as an update', async (_what, input, field, code) => {
    const { api } = setup;
    const userErrors = [{ field: ['input', field], code, message: expect.any(String) }];

    expect(await api.tryToCreateEndpoint(input)).toEqual({ endpoint: null, signingSecret: null, userErrors });
    expect(await api.updateEndpoint({ id: endpointId, ...input })).toEqual({ endpoint: null, userErrors });
  });

  it('is refused without a subscription', async () => {
    const { userErrors } = await setup.api.tryToCreateEndpoint({ url });
    expect(userErrors).toMatchObject([{ field: ['input', 'eventTypes'], code: 'INVALID' }]);
  });

  it('is told every mistake at once', async () => {
    const { userErrors } = await setup.api.tryToCreateEndpoint({
      url: 'x',
      description: '\0',
      eventTypes: ['no.such'],
    });

    expect(userErrors.map(({ field, code }) => [field?.join('.'), code])).toEqual([
      ['input.url', 'INVALID_URL'],
      ['input.description', 'INVALID'],
      ['input.eventTypes', 'UNKNOWN_EVENT_TYPE'],
    ]);
  });
});

describe('a page that cannot be', () => {
  it.each([
    ['more than a hundred', 'first: 101', 'first'],
    ['far more', 'first: 1000', 'first'],
    ['fewer than none', 'first: -1', 'first'],
    ['more than a hundred from the end', 'last: 101', 'last'],
    ['fewer than none from the end', 'last: -1', 'last'],
    ['both ends', 'first: 1, last: 1', 'first'],
    ['an empty cursor', 'after: ""', 'after'],
    ['what is no cursor', 'after: "nonsense"', 'after'],
    ['NUL for a cursor', 'after: "\\u0000"', 'after'],
    ['a very long cursor', `before: "${'x'.repeat(100_000)}"`, 'before'],
  ])('is BAD_USER_INPUT for %s', async (_what, args, name) => {
    for (const list of ['endpoints', 'events', 'deliveries'] as const) {
      const { status, errors } = await setup.api.send(`{ ${list}(${args}) { nodes { id } } }`);
      expect(status).toBe(200);
      expect(errors).toMatchObject([{ path: [list], extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(errors![0]!.message).toContain(`\`${name}\``);
    }
  });

  it('is BAD_USER_INPUT after a cursor that is damaged, of another list or of another account', async () => {
    const { api, otherApi } = setup;
    const cursorOf = async (list: 'endpoints' | 'events' | 'deliveries', client = api) =>
      (await client.page(list)).edges[0]!.cursor;
    const cursor = await cursorOf('deliveries');
    const damaged = cursor.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    expect((await api.page('deliveries', { after: cursor })).nodes).toEqual([]);

    for (const after of [
      damaged,
      cursor.slice(0, -1),
      `${cursor}A`,
      `${cursor}=`,
      await cursorOf('events'),
      await cursorOf('endpoints'),
      await cursorOf('deliveries', otherApi),
    ]) {
      const { errors } = await api.send('query ($after: String) { deliveries(after: $after) { nodes { id } } }', {
        after,
      });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });
});

it('a filter of any length or with any text is answered', async () => {
  const { api } = setup;
  const many = <Value>(value: Value) => Array<Value>(9_999).fill(value);
  const unknownIds = Array.from(
    { length: 9_999 },
    (_, index) => `ep_01h2e8kqvbfwea724h75q${String(index).padStart(5, '0')}`,
  );

  for (const filter of [
    { endpointIds: [...unknownIds, endpointId] },
    { eventTypes: many('invoice.paid') },
    { statuses: many('SUCCEEDED') },
    { endpointIds: many(endpointId), eventTypes: ['\0', '\ud800', 'invoice.paid'] },
  ]) {
    expect((await api.page('deliveries', { filter })).nodes).toEqual([{ id: deliveryId }]);
  }
  expect((await api.page('events', { types: many('invoice.paid') })).nodes).toEqual([{ id: eventId }]);
  for (const filter of [{ statuses: many('ACTIVE') }, { search: 'WEBHOOKS' }]) {
    expect((await api.page('endpoints', { filter })).nodes).toEqual([{ id: endpointId }]);
  }
  for (const filter of [{ search: '\0' }, { search: '\ud800' }, { search: 'x'.repeat(100_000) }, { eventType: '\0' }]) {
    expect((await api.page('endpoints', { filter })).nodes).toEqual([]);
  }
});
