import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Setup, setUp } from '../support/service.js';

const CODES = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'RATE_LIMITED',
  'UNAVAILABLE',
];

let setup: Setup;

beforeAll(async () => {
  setup = await setUp({ env: { MAX_REQUEST_BYTES: '1MiB', LOG_LEVEL: 'silent' } });
});

afterAll(async () => {
  const events = await setup.database.query('select from webhooks.events');
  const endpoints = await setup.database.query('select from webhooks.endpoints');
  await setup[Symbol.asyncDispose]();
  expect([...events, ...endpoints]).toEqual([]);
});

/** The errors of a response, which must be such as a GraphQL client can read, and give nothing away. */
async function errorsOf(response: Response): Promise<{ status: number; codes: string[]; message: string }> {
  const text = await response.text();
  expect(response.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json/);
  expect(response.status).toBeLessThan(500);
  expect(text).not.toMatch(/stacktrace|node_modules|\bat \w+.*:\d+:\d+|webhooks\.\w+ /);
  const { errors } = JSON.parse(text) as { errors: { message: string; extensions: { code: string } }[] };
  const codes = errors.map(({ extensions }) => extensions.code);
  for (const code of codes) expect(CODES).toContain(code);
  return { status: response.status, codes, message: errors[0]!.message };
}

const PUBLISH = 'mutation ($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }';
const LIST =
  'query ($first: Int, $filter: DeliveryFilter) { deliveries(first: $first, filter: $filter) { totalCount } }';
const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

describe('a document that is not one', () => {
  it.each([
    ['nothing at all', ''],
    ['an open brace', '{'],
    ['no GraphQL', 'select * from webhooks.endpoints'],
    ['comments only', '# nothing'],
    ['NUL', '{ viewer\0 { accountId } }'],
  ])('is answered with GRAPHQL_PARSE_FAILED or BAD_USER_INPUT: %s', async (_what, query) => {
    const { status, codes } = await errorsOf(await setup.api.post(JSON.stringify({ query })));
    expect(status).toBe(400);
    expect(codes).toEqual([query === '' ? 'BAD_USER_INPUT' : 'GRAPHQL_PARSE_FAILED']);
  });

  it.each([
    ['an unknown field', '{ viewer { password } }'],
    ['an unknown argument', '{ endpoints(page: 1) { totalCount } }'],
    ['a missing argument', '{ endpoint { id } }'],
    ['a literal of another type', '{ endpoints(first: "ten") { totalCount } }'],
    ['an integer too large', '{ endpoints(first: 99999999999) { totalCount } }'],
    ['an unknown variable', '{ endpoint(id: $id) { id } }'],
    ['a variable of another type', 'query ($id: Int!) { endpoint(id: $id) { id } }'],
    ['an unknown enum value', '{ endpoints(filter: { statuses: [BROKEN] }) { totalCount } }'],
    ['no selection', '{ viewer }'],
    ['a DateTime that is none', '{ events(createdAt: { from: "yesterday" }) { nodes { id } } }'],
  ])('is answered with GRAPHQL_VALIDATION_FAILED: %s', async (_what, query) => {
    const { status, codes } = await errorsOf(await setup.api.post(JSON.stringify({ query })));
    expect(status).toBe(400);
    expect(new Set(codes)).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
  });

  it.each([
    ['selections', nested(20_000, '{ viewer ', '}')],
    ['lists', `{ events(types: ${nested(20_000, '[', ']')}) { nodes { id } } }`],
    [
      'data',
      `mutation { publishEvent(input: { type: "invoice.paid", data: ${nested(20_000, '[', ']')} }) { duplicate } }`,
    ],
    ['a type', `query ($x: ${nested(20_000, '[', ']')}) { viewer { accountId } }`],
  ])('is refused for being too deep: %s', async (_what, query) => {
    const { status } = await errorsOf(await setup.api.post(JSON.stringify({ query })));
    expect(status).toBe(400);
  });
});

describe('variables that do not fit', () => {
  it.each([
    ['a string for a number', LIST, { first: 'ten' }],
    ['a fraction for a number', LIST, { first: 1.5 }],
    ['an unknown enum value', LIST, { filter: { statuses: ['BROKEN'] } }],
    ['null in a list', LIST, { filter: { statuses: [null] } }],
    ['an unknown field', LIST, { filter: { nothing: 1 } }],
    ['an instant that is none', LIST, { filter: { createdAt: { from: '2026-02-30T00:00:00Z' } } }],
    ['a list for an object', LIST, { filter: [] }],
    ['a required variable left out', PUBLISH, {}],
    ['a required field left out', PUBLISH, { input: { type: 'invoice.paid' } }],
    ['null for data', PUBLISH, { input: { type: 'invoice.paid', data: null } }],
    ['an object for a type', PUBLISH, { input: { type: {}, data: {} } }],
    ['a number for a key', PUBLISH, { input: { type: 'invoice.paid', data: {}, idempotencyKey: 1 } }],
    [
      'a number for a URL',
      'mutation ($url: URL!) { createEndpoint(input: { url: $url, allEvents: true }) { signingSecret } }',
      { url: 5 },
    ],
    [
      'null for an overlap',
      'mutation ($h: Int!) { rotateSigningSecret(input: { id: "ep_1", overlapHours: $h }) { signingSecret } }',
      { h: null },
    ],
  ])('are BAD_USER_INPUT: %s', async (_what, query, variables) => {
    const { codes } = await errorsOf(await setup.api.post(JSON.stringify({ query, variables })));
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });
});

describe('a request that is not GraphQL', () => {
  it.each([
    ['malformed JSON', '{"query": '],
    ['no body', ''],
    ['null', 'null'],
    ['a string', '"{ viewer { accountId } }"'],
    ['a batch', '[{"query": "{ viewer { accountId } }"}]'],
    ['no query', '{"variables": {}}'],
    ['a query that is a number', '{"query": 5}'],
    ['variables that are a string', '{"query": "{ viewer { accountId } }", "variables": "x"}'],
    ['an operation that is not there', '{"query": "query A { viewer { accountId } }", "operationName": "B"}'],
    ['two operations and no name', '{"query": "query A { viewer { accountId } } query B { viewer { accountId } }"}'],
  ])('is BAD_USER_INPUT with a status of its own: %s', async (_what, body) => {
    const { status, codes } = await errorsOf(await setup.api.post(body));
    expect(status).toBe(400);
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  it.each([
    ['text/plain', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a form with files', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['XML', { 'content-type': 'application/xml' }],
    ['an unknown character set', { 'content-type': 'application/json; charset=x-unknown' }],
    ['an unknown encoding', { 'content-encoding': 'x-unknown' }],
    ['what is not gzip', { 'content-encoding': 'gzip' }],
  ])('is refused, from whatever page it comes: %s', async (_what, headers) => {
    const body = JSON.stringify({ query: PUBLISH, variables: { input: { type: 'invoice.paid', data: {} } } });
    const { status, codes } = await errorsOf(await setup.api.post(body, headers as Record<string, string>));
    expect([400, 415]).toContain(status);
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  it('is told to send its document when it names one by its hash', async () => {
    const persistedQuery = { version: 1, sha256Hash: '0'.repeat(64) };
    const { codes, message } = await errorsOf(await setup.api.post(JSON.stringify({ extensions: { persistedQuery } })));
    expect({ codes, message }).toEqual({ codes: ['BAD_USER_INPUT'], message: 'PersistedQueryNotSupported' });
  });

  it('publishes nothing with GET, and reads nothing for a page of another site', async () => {
    const { url, apiKey } = setup.api;
    const get = (query: string, headers = {}) =>
      fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { authorization: `Bearer ${apiKey}`, ...headers },
      });

    const publish = 'mutation { publishEvent(input: { type: "invoice.paid", data: {} }) { duplicate } }';
    expect((await errorsOf(await get(publish, { 'apollo-require-preflight': '1' }))).status).toBe(405);
    expect((await errorsOf(await get('{ viewer { accountId } }'))).status).toBe(400);
    expect(
      (await fetch(`${url}/graphql`, { method: 'PUT', headers: { authorization: `Bearer ${apiKey}` } })).status,
    ).toBeLessThan(500);
  });

  it('is answered with 413 when it is too large, announced or not', async () => {
    const { api } = setup;
    const data = 'x'.repeat(3 * 1_048_576);
    const body = JSON.stringify({ query: PUBLISH, variables: { input: { type: 'invoice.paid', data } } });

    for (const sent of [body, new Blob([body]).stream()]) {
      const { status, codes, message } = await errorsOf(await api.post(sent));
      expect({ status, codes }).toEqual({ status: 413, codes: ['BAD_USER_INPUT'] });
      expect(message).toContain('1048576 bytes');
    }
  });
});

describe('credentials that are missing or wrong', () => {
  it.each([
    ['none', {}],
    ['an unknown key', { authorization: 'Bearer who-knows-this-key' }],
    ['no scheme', { authorization: 'key-of-the-default-account' }],
    ['another scheme', { authorization: 'Basic key-of-the-default-account' }],
    ['an empty key', { authorization: 'Bearer ' }],
    ['half a key', { authorization: 'Bearer key-of-the-default' }],
    ['a very long key', { authorization: `Bearer ${'x'.repeat(8_000)}` }],
  ])('are UNAUTHENTICATED with status 401: %s', async (_what, headers) => {
    for (const query of [
      '{ viewer { accountId } }',
      '{ __typename }',
      'mutation { deleteEndpoint(id: "x") { deletedEndpointId } }',
    ]) {
      const response = await setup.api.as(null).post(JSON.stringify({ query }), headers as Record<string, string>);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await errorsOf(response)).toMatchObject({ status: 401, codes: ['UNAUTHENTICATED'] });
    }
  });
});

it('answers a subscription over HTTP by saying where subscriptions go', async () => {
  await using setup = await setUp();
  const { errors } = await setup.api.send('subscription { deliveryUpdated { kind } }');
  expect(errors).toMatchObject([
    { extensions: { code: 'BAD_USER_INPUT' }, message: expect.stringMatching(/WebSocket/) },
  ]);
});
