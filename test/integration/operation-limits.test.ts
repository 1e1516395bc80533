import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery, Lexer, Source, TokenKind } from 'graphql';
import { DOCUMENT_LIMITS, OPERATION_LIMITS } from '../../src/api/operation-limits.js';
import { RawSocket } from '../support/live.js';
import { type Setup, setUp } from '../support/service.js';

let setup: Setup;
/** All that the service says to a client that does not come to the point; it takes a while. */
let slow: Promise<string>;

beforeAll(async () => {
  setup = await setUp({ env: { LOG_LEVEL: 'silent', RATE_LIMIT: 'off' } });
  const client = connect(Number(new URL(setup.api.url).port), '127.0.0.1');
  client.write('POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-slow: ');
  slow = textOf(client);
});

afterAll(async () => setup[Symbol.asyncDispose]());

interface Operation {
  query: string;
  operationName?: string;
  variables?: Record<string, unknown>;
}

/** What both transports answer: null for data, or the first error. */
type Answer = { code: string; message: string } | null;

interface ErrorAnswer {
  message: string;
  extensions: { code: string };
}

async function overHttp(operation: Operation): Promise<Answer> {
  const response = await setup.api.post(JSON.stringify(operation));
  const { errors } = (await response.json()) as { errors?: ErrorAnswer[] };
  if (!errors) return null;
  expect(response.status).toBe(400);
  return { code: errors[0]!.extensions.code, message: errors[0]!.message };
}

async function overSocket({ query, ...rest }: Operation): Promise<Answer> {
  await using socket = await RawSocket.connect(setup.api);
  socket.subscribe('1', query, rest);
  const { type, payload } = await socket.messages.next();
  if (type === 'next') return null;
  const [{ extensions, message }] = payload as [ErrorAnswer];
  return { code: extensions.code, message };
}

const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const SCALARS = ['id', 'status', 'eventType', 'attemptCount', 'version', 'createdAt', 'updatedAt', 'completedAt'];
const FULL = SCALARS.length * DOCUMENT_LIMITS.repeats;

/** What is asked of a delivery: so many fields, on as few levels as the other limits allow. */
function wide(count: number): string {
  const fields = many(Math.min(count, FULL), (index) => SCALARS[index % SCALARS.length]!);
  return count <= FULL ? fields : `${fields} endpoint { lastDelivery { ${wide(count - FULL - 2)} } }`;
}

/** What is asked of a delivery, so many levels deep. */
function deep(levels: number): string {
  if (levels === 1) return 'id';
  return levels === 2 ? 'event { id }' : `endpoint { lastDelivery { ${deep(levels - 2)} } }`;
}

/** So many fragments, each in the one before. */
function chain(type: string, field: string, count: number): string {
  return many(count, (n) => `fragment f${n} on ${type} { ${n === count - 1 ? field : `...f${n + 1}`} }`);
}

function tokensOf(query: string): number {
  const lexer = new Lexer(new Source(query));
  let count = 0;
  while (lexer.advance().kind !== TokenKind.EOF) count += 1;
  return count;
}

/** Puts as many strings in the place of `%` as it takes to have so many words and signs. */
function filled(query: string, tokens: number): string {
  return query.replace(
    '%',
    many(tokens - tokensOf(query.replace('%', '')), () => '"a"'),
  );
}

interface Measure {
  what: string;
  limit: number;
  /** How the refusal begins. */
  words: string;
  query(count: number): Operation;
  subscription(count: number): Operation;
}

const MEASURES: Measure[] = [
  {
    what: 'characters',
    limit: DOCUMENT_LIMITS.characters,
    words: 'More than 262,144 characters in the document. Send values as variables',
    query: (n) => ({ query: '{ viewer { accountId } }'.padEnd(n) }),
    subscription: (n) => ({ query: 'subscription { deliveryUpdated { kind } }'.padEnd(n) }),
  },
  {
    what: 'words and signs',
    limit: DOCUMENT_LIMITS.tokens,
    words: 'More than 5,000 words and signs in the document. Send values as variables',
    query: (n) => ({ query: filled('{ events(types: [%]) { nodes { id } } }', n) }),
    subscription: (n) => ({ query: filled('subscription { endpointUpdated(endpointIds: [%]) { kind } }', n) }),
  },
  {
    what: 'levels of fields',
    limit: DOCUMENT_LIMITS.depth,
    words: 'More than 16 levels of fields. Ask for fewer levels at a time',
    query: (n) => ({ query: `{ delivery(id: "dlv_1") { ${deep(n - 1)} } }` }),
    subscription: (n) => ({ query: `subscription { deliveryUpdated { delivery { ${deep(n - 2)} } } }` }),
  },
  {
    what: 'fields, fragments written out',
    limit: DOCUMENT_LIMITS.selections,
    words: 'More than 2,000 fields with fragments written out. Ask for fewer',
    query: (n) => ({ query: `{ delivery(id: "dlv_1") { ...f } } fragment f on Delivery { ${wide(n - 2)} }` }),
    subscription: (n) => ({ query: `subscription { deliveryUpdated { delivery { ${wide(n - 2)} } } }` }),
  },
  {
    what: 'aliases',
    limit: DOCUMENT_LIMITS.aliases,
    words: 'More than 50 aliases. Ask for a list',
    query: (n) => ({ query: `{ viewer { ${many(n, (index) => `a${index}: accountId`)} } }` }),
    subscription: (n) => ({ query: `subscription { deliveryUpdated { ${many(n, (index) => `a${index}: kind`)} } }` }),
  },
  {
    what: 'mentions of one field',
    limit: DOCUMENT_LIMITS.repeats,
    words: 'More than 50 mentions of one field at the same place. Ask for it once',
    query: (n) => ({ query: `{ viewer { ${many(n, () => 'accountId')} } }` }),
    subscription: (n) => ({ query: `subscription { deliveryUpdated { ${many(n, () => 'kind')} } }` }),
  },
  {
    what: 'operations',
    limit: DOCUMENT_LIMITS.operations,
    words: 'More than 25 operations in the document. Send them one by one',
    query: (n) => ({ query: many(n, (index) => `query o${index} { viewer { accountId } }`), operationName: 'o0' }),
    subscription: (n) => ({
      query: many(n, (index) => `subscription o${index} { deliveryUpdated { kind } }`),
      operationName: 'o0',
    }),
  },
  {
    what: 'fragments',
    limit: DOCUMENT_LIMITS.fragments,
    words: 'More than 100 fragments in the document. Send those that the operation uses',
    query: (n) => ({ query: `{ viewer { ...f0 } } ${chain('Viewer', 'accountId', n)}` }),
    subscription: (n) => ({
      query: `subscription { deliveryUpdated { ...f0 } } ${chain('DeliveryUpdate', 'kind', n)}`,
    }),
  },
  {
    what: 'items of a list',
    limit: OPERATION_LIMITS.listItems,
    words: 'More than 10,000 items in $list. Give fewer at a time',
    query: (n) => ({
      query: 'query ($list: [String!]) { events(types: $list) { nodes { id } } }',
      variables: { list: Array(n).fill('invoice.paid') },
    }),
    subscription: (n) => ({
      query: 'subscription ($list: [DeliveryStatus!]) { deliveryUpdated(statuses: $list) { kind } }',
      variables: { list: Array(n).fill('HELD') },
    }),
  },
];

describe.each(MEASURES)('$what', ({ limit, words, query, subscription }) => {
  it('may be as many as the limit says, and one more is refused, over HTTP', async () => {
    expect(await overHttp(query(limit))).toBeNull();
    expect(await overHttp(query(limit + 1))).toEqual({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(words),
    });
  });

  it('may be as many as the limit says, and one more is refused, over a socket', async () => {
    expect(await overSocket(subscription(limit))).toBeNull();
    expect(await overSocket(subscription(limit + 1))).toEqual({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(words),
    });
  });
});

describe('cost', () => {
  const ATTEMPTS = 'nodes { attempts { id } }';
  const refusal = (path: string) => ({
    code: 'BAD_USER_INPUT',
    message: expect.stringMatching(
      new RegExp(
        `^More than 20,000 units of cost .* about \\d\\d,\\d{3}, most of it for \`${path}.*take fewer .* \`first\``,
      ),
    ),
  });

  it.each([
    [
      'a literal',
      (n: number) => ({ query: `{ endpoints(first: ${n}) { nodes { deliveries(last: 100) { ${ATTEMPTS} } } } }` }),
    ],
    [
      'a variable',
      (n: number) => ({
        query: `query ($n: Int) { endpoints(first: $n) { nodes { deliveries(last: 100) { ${ATTEMPTS} } } } }`,
        variables: { n },
      }),
    ],
    [
      'the default of a variable',
      (n: number) => ({
        query: `query ($n: Int = ${n}) { endpoints(last: $n) { edges { node { deliveries(first: 100) { ${ATTEMPTS} } } } } }`,
      }),
    ],
    [
      'a variable used in fragments',
      (n: number) => ({
        query: `query ($n: Int) { endpoints(first: 100) { nodes { ...on WebhookEndpoint { ...e } } } }
          fragment e on WebhookEndpoint { deliveries(first: $n) { ${ATTEMPTS} } }`,
        variables: { n },
      }),
    ],
  ])('counts the pages that are asked for by %s', async (_what, operation) => {
    expect(await overHttp(operation(20))).toBeNull();
    expect(await overHttp(operation(100))).toEqual(refusal('endpoints'));
  });

  it('counts the same over a socket', async () => {
    const operation = (n: number) => ({
      query: `subscription ($n: Int) { endpointUpdated { kind endpoint { deliveries(first: 100) { nodes {
        event { deliveries(first: $n) { ${ATTEMPTS} } } } } } } }`,
      variables: { n },
    });
    expect(await overSocket(operation(20))).toBeNull();
    expect(await overSocket(operation(100))).toEqual(refusal('endpointUpdated.endpoint.deliveries'));
  });
});

describe('what real clients send', () => {
  const STATS = 'total succeeded failed successRate averageResponseTimeMs p95ResponseTimeMs';
  const ATTEMPT = `id number trigger outcome requestHeaders { name value secret } requestBody responseStatusCode
    responseHeaders { name value secret } responseBody responseBodyTruncated responseTimeMs error startedAt`;

  it.each([
    ['the introspection query', getIntrospectionQuery()],
    [
      'the introspection query with everything',
      getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true, schemaDescription: true }),
    ],
    [
      'a dashboard of a hundred endpoints, four windows each',
      `{ endpoints(first: 100) { totalCount pageInfo { hasNextPage endCursor } nodes {
        id url description status disabledReason heldCount successRate lastDeliveryAt eventTypes
        headers { name value secret } lastDelivery { id status eventType lastAttempt { outcome responseStatusCode } }
        hour: stats(window: LAST_HOUR) { ${STATS} series { at succeeded failed } }
        day: stats(window: LAST_24_HOURS) { ${STATS} series { at succeeded failed } }
        week: stats(window: LAST_7_DAYS) { ${STATS} series(interval: DAY) { at succeeded failed } }
        month: stats(window: LAST_30_DAYS) { ${STATS} series(interval: DAY) { at succeeded failed } } } } }`,
    ],
    [
      'a log of a hundred deliveries with all attempts',
      `{ deliveries(first: 100) { totalCount nodes { id status attemptCount nextAttemptAt createdAt completedAt
        event { id type data } endpoint { id url } attempts { ${ATTEMPT} } } } }`,
    ],
  ])('passes: %s', async (_what, query) => {
    expect(await overHttp({ query })).toBeNull();
  });
});

describe('documents made to keep a service busy', () => {
  it.each([
    ['twenty-one fields at the top', `{ ${many(21, (n) => `a${n}: __typename`)} }`, 'More than 20 fields at the top'],
    ['five directives in one place', `{ viewer { accountId ${many(5, () => '@a')} } }`, 'More than 4 directives'],
    [
      'fragments that double a hundred times',
      `{ viewer { ...f0 } } ${many(60, (n) => `fragment f${n} on Viewer { x { ...f${n + 1} } y { ...f${n + 1} } }`)}`,
      'More than 16 levels',
    ],
    [
      'fragments in themselves',
      '{ viewer { ...f } } fragment f on Viewer { ...g } fragment g on Viewer { accountId ...f }',
      'Cannot spread fragment "f" within itself',
    ],
    ['braces without end', '{ a '.repeat(60_000), '^(More than 5,000 words|The document is nested too deeply)'],
    [
      'a list in lists',
      `{ events(types: ${'['.repeat(50_000)}) { nodes { id } } }`,
      '^(More than 5,000|The document is)',
    ],
  ])('are refused: %s', async (_what, query, words) => {
    expect((await overHttp({ query }))?.message).toMatch(new RegExp(words));
    expect((await overSocket({ query }))?.message).toMatch(new RegExp(words));
  });

  it('are told ten mistakes and no more, each in a few words', async () => {
    const variables = { filter: { statuses: Array(9_000).fill('X'.repeat(50)) } };
    for (const operation of [
      { query: `{ viewer { ${many(40, (n) => 'x'.repeat(5_000) + n)} } }` },
      { query: 'query ($filter: DeliveryFilter) { deliveries(filter: $filter) { totalCount } }', variables },
    ]) {
      const response = await setup.api.post(JSON.stringify(operation));
      const text = await response.text();
      expect(response.status).toBe(400);
      expect((JSON.parse(text) as { errors: unknown[] }).errors).toHaveLength(OPERATION_LIMITS.errors + 1);
      expect(text.length).toBeLessThan(20_000);
    }
  });

  it('may send whatever they like in variables that nothing declares', async () => {
    const deepest = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const body = `{"query":"{ viewer { accountId } }","variables":{"x":${deepest}}}`;
    expect((await setup.api.post(body)).status).toBe(200);
    await using socket = await RawSocket.connect(setup.api);
    const payload = `{"query":"subscription { deliveryUpdated { kind } }","variables":{"x":${deepest}}}`;
    socket.send(`{"type":"subscribe","id":"1","payload":${payload}}`);
    expect(await socket.messages.next()).toMatchObject({ type: 'next', id: '1' });
  });
});

it('an answer holds so many characters of bodies, and says what to narrow', async () => {
  const { api } = setup;
  for (let n = 0; n < 3; n += 1) await api.publishEvent('invoice.paid', { text: 'x'.repeat(250_000) });
  const bodies = (first: number) => `{ events(first: ${first}) { nodes { ${many(45, (n) => `a${n}: body`)} } } }`;

  expect(await overHttp({ query: bodies(1) })).toBeNull();
  const { status, data, errors } = await api.send(bodies(3));

  expect({ status, data }).toEqual({ status: 200, data: null });
  expect(errors).toEqual([
    {
      message: expect.stringMatching(/^More than 33,554,432 characters of bodies .* with `first` or `last`/),
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ]);
});

describe('a request over HTTP', () => {
  const PUBLISH =
    'mutation { publishEvent(input: { type: \\"invoice.paid\\", data: { name: \\"%\\" } }) { duplicate } }';
  const eventCount = async () => (await setup.database.query('select from webhooks.events')).length;

  it.each([
    ['a byte that begins nothing', [0xff]],
    ['a character cut short', [0xe2, 0x82]],
    ['half of a pair', [0xed, 0xa0, 0x80]],
  ])('is refused for %s, and publishes nothing', async (_what, bytes) => {
    const before = await eventCount();
    const [head, tail] = `{"query":"${PUBLISH}"}`.split('%');
    const body = new Blob([Buffer.concat([Buffer.from(head!), Buffer.from(bytes), Buffer.from(tail!)])]);
    const response = await setup.api.post(body.stream());
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(await eventCount()).toBe(before);
  });

  it('is refused in another alphabet than UTF-8', async () => {
    const body = new Blob([Buffer.from('{"query":"{ viewer { accountId } }"}', 'utf16le')]);
    const response = await setup.api.post(body.stream(), { 'content-type': 'application/json; charset=utf-16le' });
    expect(response.status).toBe(415);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('is refused when it grows too large in unpacking: %s', async (encoding, pack) => {
    const query = ' '.repeat(17 * 1_048_576);
    const packed = pack(JSON.stringify({ query }));
    expect(packed.length).toBeLessThan(100_000);
    const response = await setup.api.post(new Blob([packed]).stream(), { 'content-encoding': encoding });
    expect(response.status).toBe(413);
  });

  it('is cut off when its head does not come to an end', async () => {
    expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
  }, 60_000);
});
