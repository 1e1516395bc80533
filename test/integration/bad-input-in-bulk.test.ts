import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { readConfig } from '../../src/config/config.js';
import { createLog } from '../../src/log.js';
import { serve } from '../../src/serve.js';
import { ApiClient } from '../support/api.js';
import { almostGoodRequests, type GoodTexts } from '../support/bad-input/almost-good.js';
import { badValues } from '../support/bad-input/bad-values.js';
import { type Place, placesOf } from '../support/bad-input/places.js';
import { createBelongings } from '../support/belongings.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { RawSocket } from '../support/live.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { API_KEY, OTHER_API_KEY, testEnvironment } from '../support/service.js';

jest.setTimeout(300_000);

/** How many values are tried in every place. */
const VALUES_PER_PLACE = Number(process.env.BAD_INPUT_VALUES ?? 12);
/** How many requests are made up with bad values in several places, or in none. */
const MADE_UP = VALUES_PER_PLACE * 50;
/** Another play: `BAD_INPUT_SEED=2 npm test -- bad-input-in-bulk`. */
const SEED = Number(process.env.BAD_INPUT_SEED ?? 1);
const AT_ONCE = 6;

/** What a caller can be told of bad input. */
const CODES = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'];

/** What nobody outside is to see: SQL and its errors, stacks, paths of files. */
const INSIDES =
  /webhooks\.\w|node_modules|\bsrc\/|\n\s+at .+:\d+:\d+|\brelation "|syntax error at|violates|byte sequence|QueryFailed|duplicate key|invalid input syntax|out of range for type|Cannot read prop|is not a function|undefined/;

interface Request {
  place: string;
  kind: Place['kind'];
  body: string;
}

interface Answer {
  request: Request;
  status: number;
  text: string;
  errors: { message: string; extensions?: { code?: string } }[];
  userErrors: { message: string; code: string }[];
}

let database: TestDatabase;
let receiver: Receiver;
let api: ApiClient;
let stop: () => Promise<void> = async () => {};
const errorsLogged: string[] = [];
let places: Place[];
let requests: Request[];
let goodTexts: GoodTexts;
/** What is refused, and may be sent again to see that it changes nothing. */
const refused: Request[] = [];
let requestCount = 0;

async function start(roles: string): Promise<void> {
  const config = readConfig({
    ...testEnvironment(database.url),
    ROLES: roles,
    RATE_LIMIT: 'off',
    WEBHOOK_ALLOW_HTTP: 'true',
  });
  const log = createLog({ level: 'error', destination: { write: (line) => void errorsLogged.push(line) } });
  const service = await serve({ config, log });
  stop = service.stop;
  api = new ApiClient(service.url, API_KEY);
}

beforeAll(async () => {
  database = await createDatabase();
  receiver = await startReceiver({ tls: false });
  await start('api,dispatcher');
  const ids = await createBelongings(api, receiver.url);
  const others = await createBelongings(api.as(OTHER_API_KEY), receiver.url);
  const cursors = await Promise.all(
    [api, api.as(OTHER_API_KEY)].flatMap((client) =>
      (['endpoints', 'events', 'deliveries'] as const).map(async (list) => (await client.page(list)).edges[0]!.cursor),
    ),
  );
  // Of whatever kind the place wants, they are mostly of another, or another account's.
  const { endpoint: _endpoint, apiKey: _apiKey, url: _url, ...mine } = ids;
  const { url: _otherUrl, ...theirs } = others;
  const known = [...Object.values(mine), ...Object.values(theirs), ...cursors];
  const good = [Array(2).fill('invoice.paid'), Array(10_000).fill('SUCCEEDED'), Array(10_000).fill(ids.endpoint)];
  const [endpoints, events, deliveries] = cursors;
  const cursor = [endpoints!, events!, deliveries!];
  const type = ['invoice.paid', 'customer.created'];
  goodTexts = {
    ...{ id: [ids.endpoint], endpointId: [ids.endpoint], endpointIds: [ids.endpoint], eventId: [ids.event] },
    ...{ after: cursor, before: cursor, type, types: type, eventType: type, eventTypes: type },
    ...{ url: [ids.url], scopes: ['events:read', 'keys:admin'], name: ['x-one', 'x-two'] },
  };
  places = placesOf(await introspect(), ids);
  requests = places.flatMap((place, index) =>
    badValues(index, VALUES_PER_PLACE, [...known, ...good], place.typeName).map((value, turn) => ({
      place: place.name,
      kind: place.kind,
      body: place.literal && turn % 3 === 0 ? place.literal(value) : place.request(value),
    })),
  );
});

afterAll(async () => {
  await stop();
  await receiver?.close();
  await database?.drop();
});

async function introspect(): Promise<GraphQLSchema> {
  return buildClientSchema(await api.request<IntrospectionQuery>(getIntrospectionQuery()));
}

async function send(request: Request): Promise<Answer> {
  requestCount += 1;
  const response = await api.post(request.body);
  return read(request, response.status, await response.text());
}

/** Reads an answer, whose errors must be such as a client can do something with. */
function read(request: Request, status: number, text: string): Answer {
  const { data, errors = [] } = JSON.parse(text);
  const answer = { request, status, text, errors, userErrors: userErrorsIn(data) };
  const bad =
    status >= 500 ||
    answer.errors.some(({ extensions }: Answer['errors'][number]) => !CODES.includes(extensions?.code ?? 'none')) ||
    [...answer.errors, ...answer.userErrors].some(({ message }) => INSIDES.test(message) || message.length > 2_000);
  if (bad) {
    throw new Error(`${request.place}: ${status} ${text.slice(0, 1_000)}\nfor ${request.body.slice(0, 1_000)}`);
  }
  return answer;
}

function userErrorsIn(data: unknown): Answer['userErrors'] {
  if (Array.isArray(data)) return data.flatMap(userErrorsIn);
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([name, value]) => (name === 'userErrors' ? value : userErrorsIn(value)));
}

const takesText = (typeName: string) => ['String', 'ID', 'URL', 'JSON'].includes(typeName);

function isRefused({ errors, userErrors }: Answer): boolean {
  return errors.length + userErrors.length > 0;
}

/** Sends all, a few at a time. */
async function sendAll(all: readonly Request[], sendOne: (request: Request) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  const waiting = all.values();
  const work = async () => {
    for (const request of waiting) answers.push(await sendOne(request));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}

describe('whatever is put into any argument, or any part of it', () => {
  it('covers every argument that the schema has', async () => {
    const schema = await introspect();
    const names = new Set(places.map(({ name }) => name));
    for (const type of Object.values(schema.getTypeMap())) {
      if (!('getFields' in type) || !('getInterfaces' in type) || type.name.startsWith('__')) continue;
      for (const field of Object.values(type.getFields())) {
        for (const { name } of field.args) expect(names).toContain(`${type.name}.${field.name}(${name})`);
      }
    }
    const parts = ['Mutation.updateEndpoint(input.headers[0].secret)', 'Query.deliveries(filter.createdAt.from)'];
    expect([...names]).toEqual(expect.arrayContaining(parts));
  });

  it('over HTTP, it is answered, or refused with a reason that gives nothing away', async () => {
    // Test events first: they would keep to whatever rate the endpoint is given.
    const isTest = ({ place }: Request) => place.startsWith('Mutation.sendTestEvent');
    const overHttp = requests
      .filter(({ kind }) => kind !== 'subscription')
      .sort((one, other) => Number(isTest(other)) - Number(isTest(one)));
    const answers = await sendAll(overHttp, send);
    refused.push(...answers.filter(isRefused).map(({ request }) => request));
    // Some of it is not bad at all where it is put.
    expect(refused.length).toBeLessThan(answers.length);
    // A text gets past the schema wherever a mutation takes one: all around it is as it should be.
    const run = new Set(answers.filter(({ errors }) => errors.length === 0).map(({ request }) => request.place));
    const forText = places.filter(({ kind, typeName }) => kind === 'mutation' && takesText(typeName));
    expect(forText.map(({ name }) => name).filter((name) => !run.has(name))).toEqual([]);
  });

  it('in several places at once, it is the same', async () => {
    const [id] = goodTexts.id!;
    expect((await api.updateEndpoint({ id, rateLimitPerSecond: null })).userErrors).toEqual([]);
    await fc.assert(
      fc.asyncProperty(almostGoodRequests(await introspect(), goodTexts), async ({ field, kind, body }) => {
        const answer = await send({ place: field, kind, body });
        if (isRefused(answer)) refused.push(answer.request);
      }),
      { numRuns: MADE_UP, seed: SEED },
    );
  });

  it('as any part of a request, too', async () => {
    const wrong = ['query', 'variables', 'operationName', 'extensions'].flatMap((part, index) =>
      badValues(index, 100, []).map((value) => {
        const request = { query: '{ viewer { accountId } }', [part]: value };
        return { place: part, kind: 'query' as const, body: JSON.stringify(request) };
      }),
    );
    const answers = await sendAll(wrong, send);
    expect(answers.filter(isRefused).length).toBeGreaterThan(100);
  });

  it('over a socket, it is the same', async () => {
    const live = requests.filter(({ kind }) => kind === 'subscription');
    // Of the others, one each: they are refused for where they come from.
    const misplaced = places.filter(({ kind }) => kind !== 'subscription');
    const all = [...live, ...misplaced.map(({ name, kind, request }) => ({ place: name, kind, body: request('x') }))];
    await using socket = await RawSocket.connect(api);
    for (const [index, request] of all.entries()) {
      requestCount += 1;
      const id = String(index);
      socket.send(`{"type":"subscribe","id":"${id}","payload":${request.body}}`);
      const { type, payload } = await socket.messages.until((message) => message.id === id);
      const answer = read(request, 200, JSON.stringify(type === 'error' ? { errors: payload } : (payload ?? {})));
      if (request.kind !== 'subscription') expect(answer.errors).toHaveLength(1);
      if (type === 'next') socket.send({ type: 'complete', id });
    }
  });

  it('what is refused changes nothing, and is refused again', async () => {
    // Nothing but the API: all that changes now is its doing.
    await stop();
    await start('api');
    const mutations = refused.filter(({ kind }) => kind === 'mutation');
    for (let first = 0; first < mutations.length; first += 40) {
      await changesNothing(mutations.slice(first, first + 40));
    }
    expect(mutations.length).toBeGreaterThan(200);
  });

  it(`comes to 2,000 requests and more, without an error in the log; the service goes on`, async () => {
    expect(requestCount).toBeGreaterThan(2_000);
    expect(errorsLogged).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    await api.request('{ viewer { accountId } }');
  });
});

async function changesNothing(some: readonly Request[]): Promise<void> {
  const before = await digest();
  const answers = [];
  for (const request of some) answers.push(await send(request));
  if ((await digest()) === before) return;
  const stillRefused = answers.filter(isRefused).map(({ request }) => request);
  // What was refused for the state of things may be done by now: then the rest has to show by itself.
  if (stillRefused.length < some.length) return changesNothing(stillRefused);
  throw new Error(
    `Something was changed by one of ${some.map(({ place, body }) => `${place}: ${body.slice(0, 300)}`).join('\n')}`,
  );
}

/** Of every row of every table of the service and its queue. */
async function digest(): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name
       from pg_class join pg_namespace n on n.oid = relnamespace
      where nspname in ('webhooks', 'webhooks_queue') and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  const digests = tables
    .filter(({ name }) => !VOLATILE.includes(name))
    .map(({ name }) => `(select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from ${name} t)`);
  const [row] = await database.query<{ digest: string }>(`select concat_ws(' ', ${digests.join(', ')}) as digest`);
  return row!.digest;
}

/** The queue's own book-keeping, which goes on by itself. */
const VOLATILE = ['webhooks_queue.version', 'webhooks_queue.queue', 'webhooks_queue.bam'];
