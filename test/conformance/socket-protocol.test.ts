import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LiveClient as Live, type LiveClient, RawSocket } from '../support/live.js';
import { API_KEY, OTHER_API_KEY, type Setup, setUp } from '../support/service.js';

/**
 * What the protocol says of every way to misuse it, on the service itself. Another client is connected all the while,
 * and must not notice.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
const WATCH = 'subscription { deliveryUpdated { kind delivery { eventType } } }';

interface Update {
  deliveryUpdated: { kind: string; delivery: { eventType: string } | null };
}

let setup: Setup;
let bystander: LiveClient;

beforeAll(async () => {
  setup = await setUp({ env: { LOG_LEVEL: 'silent' } });
  bystander = await Live.connect(setup.api);
});

afterAll(async () => {
  await bystander[Symbol.asyncDispose]();
  await setup[Symbol.asyncDispose]();
});

const init = (payload?: unknown) => ({ type: 'connection_init', payload });
const credentials = { authorization: `Bearer ${API_KEY}` };

describe('a socket is closed', () => {
  it.each([
    ['no subprotocol at all', []],
    ['the subprotocol of long ago', ['graphql-ws']],
    ['others', ['json', 'graphql-transport-ws-2']],
  ])('with 4406 for %s', async (_what, protocols) => {
    await using socket = await RawSocket.open(setup.api, { protocols });
    expect(await socket.closed()).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
  });

  it('with 4408 when nothing comes for three seconds', async () => {
    await using socket = await RawSocket.open(setup.api);
    const openedAt = performance.now();
    expect(await socket.closed()).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
    expect(performance.now() - openedAt).toBeGreaterThan(2_500);
  });

  it.each([
    ['no payload', undefined],
    ['no credentials', { token: API_KEY }],
    ['an unknown key', { authorization: 'Bearer nobody-has-this-key' }],
    ['another scheme', { authorization: `Basic ${API_KEY}` }],
    ['credentials that are no text', { authorization: { bearer: API_KEY } }],
  ])('with 4403 for %s', async (_what, payload) => {
    await using socket = await RawSocket.open(setup.api);
    socket.send(init(payload));
    expect(await socket.closed()).toEqual({
      code: 4403,
      reason: 'Forbidden: send {"authorization": "Bearer <API key>"} to connect.',
    });
    expect(socket.messages.seen).toEqual([]);
  });

  it('with 4429 for a second connection_init, acknowledged or not', async () => {
    await using twice = await RawSocket.open(setup.api);
    twice.send(init(credentials));
    twice.send(init(credentials));
    expect(await twice.closed()).toEqual({ code: 4429, reason: 'Too many initialisation requests' });

    await using late = await RawSocket.connect(setup.api);
    late.send(init(credentials));
    expect((await late.closed()).code).toBe(4429);
  });

  it('with 4401 for a subscription before it is acknowledged', async () => {
    await using socket = await RawSocket.open(setup.api);
    socket.subscribe('1', WATCH);
    expect(await socket.closed()).toEqual({ code: 4401, reason: 'Unauthorized' });

    await using hasty = await RawSocket.open(setup.api);
    hasty.send(init(credentials));
    hasty.subscribe('1', WATCH);
    expect((await hasty.closed()).code).toBe(4401);
  });

  it('with 4409 for an id that is in use', async () => {
    await using socket = await RawSocket.connect(setup.api);
    socket.subscribe('1', WATCH);
    socket.subscribe('1', WATCH);
    expect(await socket.closed()).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });

    await using verbose = await RawSocket.connect(setup.api);
    for (let n = 0; n < 2; n += 1) verbose.subscribe('ключ'.repeat(1_000), WATCH);
    expect((await verbose.closed()).code).toBe(4409);
  });

  it.each([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['JSON cut short', '{"type":'],
    ['no object', '[]'],
    ['no type', '{}'],
    ['an unknown type', '{"type":"start","id":"1"}'],
    ['a type that only servers send', '{"type":"next","id":"1","payload":{}}'],
    ['a subscription without an id', `{"type":"subscribe","payload":{"query":"${WATCH}"}}`],
    ['a subscription without a query', '{"type":"subscribe","id":"1","payload":{}}'],
    ['variables that are a list', `{"type":"subscribe","id":"1","payload":{"query":"${WATCH}","variables":[]}}`],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
    ['a message in binary', Buffer.from('{"type":"ping"}')],
  ])('with 4400 for %s', async (_what, message) => {
    await using socket = await RawSocket.connect(setup.api);
    socket.socket.send(message);
    expect((await socket.closed()).code).toBe(4400);
  });

  it('with 1009 for a message of more than 1 MiB, acknowledged or not', async () => {
    await using stranger = await RawSocket.open(setup.api);
    stranger.send(' '.repeat(1_048_577));
    expect((await stranger.closed()).code).toBe(1009);

    await using known = await RawSocket.connect(setup.api);
    known.send(JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(1_048_577) } }));
    expect((await known.closed()).code).toBe(1009);
  });

  it('with 1007 for text that is not UTF-8', async () => {
    await using socket = await RawSocket.connect(setup.api);
    socket.socket.send(Buffer.from('7b22ff22', 'hex'), { binary: false });
    expect((await socket.closed()).code).toBe(1007);
  });

  it('with 1008 for messages without end; a thousand at once are no trouble', async () => {
    await using lively = await RawSocket.connect(setup.api);
    for (let n = 1; n <= 900; n += 1) lively.send({ type: 'ping', payload: { n } });
    await lively.messages.until(({ payload }) => (payload as { n: number }).n === 900);

    await using flooding = await RawSocket.connect(setup.api);
    const flood = setInterval(() => {
      for (let n = 0; n < 5_000; n += 1) flooding.send({ type: 'pong' });
    }, 10);
    expect(await flooding.closed()).toEqual({ code: 1008, reason: 'More than 200 messages a second' });
    clearInterval(flood);
  });

  it('with 1002 for what is no WebSocket', async () => {
    await using socket = await RawSocket.connect(setup.api);
    (socket.socket as unknown as { _socket: NodeJS.WritableStream })._socket.write('GET / HTTP/1.1\r\n\r\n');
    expect((await socket.closed()).code).toBe(1002);
  });
});

describe('a socket that is used as it should be', () => {
  it.each(['authorization', 'Authorization', 'AUTHORIZATION'])('is acknowledged for a key in %s', async (name) => {
    await using socket = await RawSocket.open(setup.api);
    socket.send(init({ [name]: `bearer ${API_KEY}` }));
    expect(await socket.messages.next()).toEqual({ type: 'connection_ack' });
  });

  it('answers a ping, before and after it is acknowledged', async () => {
    await using socket = await RawSocket.open(setup.api);
    socket.send({ type: 'ping' });
    expect(await socket.messages.next()).toEqual({ type: 'pong' });
    socket.send(init(credentials));
    await socket.messages.next();
    socket.send({ type: 'ping', payload: { at: 1 } });
    expect(await socket.messages.next()).toEqual({ type: 'pong', payload: { at: 1 } });
  });

  it('brings what happens, and nothing more once the subscription is completed', async () => {
    await using socket = await RawSocket.connect(setup.api);
    socket.subscribe('a', WATCH);
    expect(await socket.messages.next()).toEqual({
      id: 'a',
      type: 'next',
      payload: { data: { deliveryUpdated: { kind: 'READY', delivery: null } } },
    });

    socket.send({ type: 'complete', id: 'a' });
    socket.subscribe('a', WATCH);
    expect(await socket.messages.next()).toMatchObject({ id: 'a', type: 'next' });
  });

  it('brings to each account what is its own', async () => {
    await using other = await Live.connect(setup.api.as(OTHER_API_KEY));
    const theirs = other.subscribe<Update>(WATCH);
    const ours = bystander.subscribe<Update>(WATCH);
    await Promise.all([theirs.next(), ours.next()]);
    for (const api of [setup.api, setup.otherApi]) {
      await api.createEndpoint({ url: setup.receiver.url, allEvents: true });
    }

    await setup.api.publishEvent('invoice.paid');
    await setup.otherApi.publishEvent('customer.created');

    await ours.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'UPDATED');
    await theirs.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'UPDATED');
    const typesOf = (updates: Update[]) =>
      new Set(updates.flatMap(({ deliveryUpdated: { delivery } }) => delivery?.eventType ?? []));
    expect(typesOf(ours.seen)).toEqual(new Set(['invoice.paid']));
    expect(typesOf(theirs.seen)).toEqual(new Set(['customer.created']));
    ours.complete();
  });
});

describe('an operation that cannot run', () => {
  it.each([
    ['a document cut short', { query: 'subscription {' }, 'GRAPHQL_PARSE_FAILED', 'Syntax Error: Expected Name'],
    ['nothing at all', { query: '' }, 'GRAPHQL_PARSE_FAILED', 'Syntax Error'],
    [
      'a document without end',
      { query: `subscription { ${'a '.repeat(50_000)}` },
      'BAD_USER_INPUT',
      'More than 5,000 words and signs',
    ],
    ['an unknown field', { query: 'subscription { weather }' }, 'GRAPHQL_VALIDATION_FAILED', 'Cannot query field'],
    [
      'two subscriptions in one',
      { query: 'subscription { a: deliveryUpdated { kind } b: deliveryUpdated { kind } }' },
      'GRAPHQL_VALIDATION_FAILED',
      'must select only one top level field',
    ],
    [
      'variables that do not fit',
      { query: 'subscription ($ids: [ID!]) { deliveryUpdated(endpointIds: $ids) { kind } }', variables: { ids: 5.5 } },
      'BAD_USER_INPUT',
      'Variable "$ids" got an invalid value',
    ],
    [
      'a variable left out',
      { query: 'subscription ($id: ID!) { bulkRetryUpdated(id: $id) { id } }' },
      'BAD_USER_INPUT',
      'Variable "$id" of required type "ID!" was not provided',
    ],
    [
      'the name of another operation',
      { query: `subscription A ${WATCH.slice(12)}`, operationName: 'B' },
      'BAD_USER_INPUT',
      'Unknown operation named "B"',
    ],
    [
      'two operations and no name',
      { query: `subscription A ${WATCH.slice(12)} subscription B ${WATCH.slice(12)}` },
      'BAD_USER_INPUT',
      'name the one to run in operationName',
    ],
    ['a query', { query: '{ viewer { accountId } }' }, 'BAD_USER_INPUT', 'Queries go over HTTP'],
    [
      'a mutation',
      { query: 'mutation { deleteEndpoint(id: "ep_1") { deletedEndpointId } }' },
      'BAD_USER_INPUT',
      'Mutations go over HTTP',
    ],
  ])('is answered with its code, and the socket stays: %s', async (_what, operation, code, message) => {
    await using socket = await RawSocket.connect(setup.api);
    socket.send({ type: 'subscribe', id: '1', payload: operation });

    const answer = await socket.messages.next();
    expect(answer).toMatchObject({ id: '1', type: 'error' });
    const [error] = answer.payload as { message: string; extensions: object }[];
    expect(error!.message).toContain(message);
    expect(error!.extensions).toEqual({ code });

    socket.subscribe('1', WATCH);
    expect(await socket.messages.next()).toMatchObject({ id: '1', type: 'next' });
  });

  it('is one more than a hundred at once; the hundred go on', async () => {
    await using socket = await RawSocket.connect(setup.api);
    for (let n = 1; n <= 101; n += 1) socket.subscribe(String(n), WATCH);

    const refusal = await socket.messages.until(({ type }) => type === 'error');
    expect(refusal).toMatchObject({ id: '101', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
    expect(refusal.payload).toMatchObject([{ message: expect.stringMatching(/100 .* Complete one first/) }]);

    socket.send({ type: 'complete', id: '1' });
    socket.subscribe('101', WATCH);
    await socket.messages.until(({ type, id }) => type === 'next' && id === '101');
    const ready = new Set(socket.messages.seen.flatMap(({ type, id }) => (type === 'next' ? [id] : [])));
    expect(ready.size).toBeGreaterThanOrEqual(100);
  });
});

it('has disturbed nobody else', async () => {
  const updates = bystander.subscribe<Update>(WATCH);
  expect(await updates.next()).toEqual({ deliveryUpdated: { kind: 'READY', delivery: null } });
  expect(bystander.connections).toBe(1);
});

it('closes sockets with 1001 when the service stops, at once', async () => {
  await using stopping = await setUp();
  await using idle = await RawSocket.open(stopping.api);
  await using busy = await RawSocket.connect(stopping.api);
  await using hung = await RawSocket.connect(stopping.api);
  busy.subscribe('1', WATCH);
  await busy.messages.next();
  hung.socket.pause();

  const stopped = stopping.service.stop();

  expect(await busy.closed()).toEqual({ code: 1001, reason: 'The service stops here; connect again.' });
  expect((await idle.closed()).code).toBe(1001);
  await stopped;
});
