import { afterEach, describe, expect, it } from '@jest/globals';
import { buildSchema, type GraphQLSchema } from 'graphql';
import type { Authenticate } from '../../../src/access/authenticate.js';
import { Sessions } from '../../../src/access/sessions.js';
import type { Services } from '../../../src/api/context.js';
import { badUserInput } from '../../../src/api/errors.js';
import { OperationGate } from '../../../src/api/prepare-operation.js';
import { RateLimiter } from '../../../src/api/rate-limiter.js';
import { createGraphqlSocket } from '../../../src/http/graphql-socket.js';
import { startHttpServer } from '../../../src/http/http-server.js';
import { createLog } from '../../../src/log.js';
import { Metrics } from '../../../src/metrics.js';
import { systemClock } from '../../../src/storage/clock.js';
import { ApiClient } from '../../support/api.js';
import { eventually } from '../../support/eventually.js';
import { LiveClient, RawSocket } from '../../support/live.js';

/** Events that a test hands out, to one subscriber. */
class Source implements AsyncIterableIterator<unknown> {
  /** How many were asked for. */
  asked = 0;
  isLeft = false;
  #events: unknown[] = [];
  #wake = () => {};

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(...events: unknown[]): void {
    this.#events.push(...events);
    this.#wake();
  }

  async next(): Promise<IteratorResult<unknown>> {
    this.asked += 1;
    // Also once it is left: a source need not answer whoever is still waiting.
    while (this.#events.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    const event = this.#events.shift();
    if (event instanceof Error) throw event;
    return { done: false, value: event };
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.isLeft = true;
    return { done: true, value: undefined };
  }
}

let opened = new AsyncDisposableStack();

afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});

interface Toy {
  api: ApiClient;
  /** The sources of the subscriptions, in the order in which they were started. */
  sources: Source[];
  /** The contexts that events were executed with. */
  contexts: unknown[];
  connect(): Promise<LiveClient>;
}

/** A server with one subscription: the events that a test pushes. */
async function serveToy({
  keepAliveMs,
  authenticate = async () => ({ accountId: 'toy', scopes: [] }),
}: {
  keepAliveMs?: number;
  authenticate?: Authenticate;
} = {}): Promise<Toy> {
  const log = createLog({ level: 'silent' });
  const toy = { sources: [] as Source[], contexts: [] as unknown[] };
  const sockets = createGraphqlSocket({
    gate: new OperationGate({
      schema: toySchema(toy),
      introspection: true,
      rateLimiter: new RateLimiter({ unitsPerSecond: null }),
      requireScopes: () => null,
    }),
    services: { metrics: new Metrics() } as Services,
    authenticate,
    sessions: new Sessions({ db: { query: async () => [] }, clock: systemClock, maxPerAccount: 100 }),
    isAllowedOrigin: () => true,
    log,
    keepAliveMs,
  });
  const graphql = { handler: () => {}, sockets };
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    maxRequestBytes: 1_024,
    graphql,
    dashboard: null,
    isReady: async () => true,
    log,
  });
  opened.defer(() => server.close());
  const api = new ApiClient(server.url, 'any-key');
  return { ...toy, api, connect: async () => opened.use(await LiveClient.connect(api)) };
}

function toySchema({ sources, contexts }: Pick<Toy, 'sources' | 'contexts'>): GraphQLSchema {
  const schema = buildSchema('type Query { nothing: Int } type Subscription { event(refused: Boolean): String }');
  Object.assign(schema.getSubscriptionType()!.getFields().event!, {
    subscribe: (_root: unknown, { refused }: { refused?: boolean }) => {
      if (refused) throw badUserInput('Not this one.');
      const source = new Source();
      sources.push(source);
      return source;
    },
    resolve: async (event: unknown, _args: unknown, context: unknown) => {
      contexts.push(context);
      const value = await event;
      if (typeof value === 'string') return value;
      throw new Error('the password is hush');
    },
  });
  return schema;
}

const EVENTS = 'subscription { event }';

describe('a running subscription', () => {
  it('executes every event with a context of its own', async () => {
    const { connect, sources, contexts } = await serveToy();
    const live = (await connect()).subscribe<{ event: string }>(EVENTS);
    const source = await eventually('the subscription', async () => sources[0]);

    source.push('one', 'two', 'three');

    expect(await live.until(({ event }) => event === 'three')).toEqual({ event: 'three' });
    expect(live.seen).toEqual([{ event: 'one' }, { event: 'two' }, { event: 'three' }]);
    expect(new Set(contexts).size).toBe(3);
    expect(contexts[0]).toMatchObject({ accountId: 'toy' });
  });

  it('leaves its source at once when the client completes it, however long that is silent', async () => {
    const { connect, sources } = await serveToy();
    const client = await connect();
    const live = client.subscribe(EVENTS);
    const source = await eventually('the subscription', async () => sources[0]);
    await eventually('the first event asked for', async () => source.asked === 1);

    live.complete();

    await eventually('the source left', async () => source.isLeft);
    const next = client.subscribe<{ event: string }>(EVENTS);
    (await eventually('another subscription', async () => sources[1])).push('still here');
    expect(await next.next()).toEqual({ event: 'still here' });
  });

  it('leaves its source when the connection is lost', async () => {
    const { connect, sources } = await serveToy();
    const client = await connect();
    client.subscribe(EVENTS);
    client.subscribe(EVENTS);
    await eventually('both subscriptions', async () => sources.length === 2);

    client.kill();

    await eventually('both sources left', async () => sources.every(({ isLeft }) => isLeft));
  });

  it('may be followed at once by another with the same id; each ends on its own', async () => {
    const { api, sources } = await serveToy();
    await using socket = await RawSocket.connect(api);
    const ROUNDS = 50;
    for (let n = 1; n <= ROUNDS; n += 1) {
      socket.subscribe('same', EVENTS);
      if (n % 2 === 0) await eventually('the subscription', async () => sources.length > 0 && !sources.at(-1)!.isLeft);
      if (n < ROUNDS) socket.send({ type: 'complete', id: 'same' });
    }
    const last = await eventually('the last one', async () => sources[ROUNDS - 1]);
    last.push('news');

    expect(await socket.messages.next()).toEqual({ id: 'same', type: 'next', payload: { data: { event: 'news' } } });
    expect(sources.filter(({ isLeft }) => !isLeft)).toEqual([last]);
    socket.socket.terminate();
    await eventually('every source left', async () => sources.every(({ isLeft }) => isLeft));
  });

  it('brings nothing that was under way when the client completed it', async () => {
    const { api, sources, contexts } = await serveToy();
    await using socket = await RawSocket.connect(api);
    socket.subscribe('same', EVENTS);
    const first = await eventually('the first subscription', async () => sources[0]);
    const slow = Promise.withResolvers<string>();
    first.push(slow.promise);
    await eventually('its event under way', async () => contexts.length === 1);

    socket.send({ type: 'complete', id: 'same' });
    socket.subscribe('same', EVENTS);
    const second = await eventually('the second subscription', async () => sources[1]);
    slow.resolve('of the first');
    await eventually('the first left', async () => first.isLeft);
    second.push('of the second');

    expect(await socket.messages.next()).toMatchObject({ payload: { data: { event: 'of the second' } } });
  });

  it('tells of faults of ours no more than that there are some', async () => {
    const { connect, sources } = await serveToy();
    const client = await connect();
    const live = client.subscribe<{ event: string | null }>(EVENTS);
    const source = await eventually('the subscription', async () => sources[0]);

    source.push({ not: 'a string' });
    const masked = { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
    expect(await live.errors()).toEqual([{ ...masked, path: ['event'], locations: [expect.anything()] }]);

    source.push('still going', new Error('the password is hush'));
    expect(await live.next()).toEqual({ event: 'still going' });
    expect(await live.errors()).toEqual([masked]);
  });

  it('tells mistakes of the caller as they are, when it starts', async () => {
    const { connect } = await serveToy();
    const live = (await connect()).subscribe('subscription { event(refused: true) }');

    expect(await live.errors()).toEqual([
      expect.objectContaining({ message: 'Not this one.', extensions: { code: 'BAD_USER_INPUT' } }),
    ]);
    await live.completed();
  });
});

it('sends its client off, to come again, when the database goes away under a subscription', async () => {
  const { sources, connect } = await serveToy();
  const live = await connect();
  const events = live.subscribe('subscription { event }');
  await eventually('started', async () => sources.length === 1);

  sources[0]!.push(Object.assign(new Error('terminating connection'), { code: '57P01' }));

  expect(await live.closed()).toMatchObject({ code: 1013 });
  await eventually('its source left', async () => sources[0]!.isLeft);
  expect(events.seen).toEqual([]);
});

describe('a client that does not read', () => {
  const EVENT_COUNT = 1_000;
  const EVENT = 'x'.repeat(65_536);

  it('is not waited for, and misses nothing once it reads on', async () => {
    const { connect, sources } = await serveToy();
    const [slow, quick] = [await connect(), await connect()];
    const slowEvents = slow.subscribe<{ event: string }>(EVENTS);
    const slowSource = await eventually('the subscription of the slow one', async () => sources[0]);
    const quickEvents = quick.subscribe<{ event: string }>(EVENTS);
    const quickSource = await eventually('the subscription of the quick one', async () => sources[1]);
    slow.pause();

    for (const source of [slowSource, quickSource]) {
      for (let n = 1; n <= EVENT_COUNT; n += 1) source.push(`${n} ${EVENT}`);
    }

    await quickEvents.until(({ event }) => event.startsWith(`${EVENT_COUNT} `));
    // The operating system takes in a few megabytes for a program that does not read.
    expect(slowSource.asked).toBeLessThan(EVENT_COUNT / 2);
    slow.resume();
    await slowEvents.until(({ event }) => event.startsWith(`${EVENT_COUNT} `));
    expect(slowEvents.seen).toHaveLength(EVENT_COUNT);
  });

  it('is not read either, and cut off, when it goes on asking', async () => {
    const { api } = await serveToy({ keepAliveMs: 1_500 });
    await using flooding = await RawSocket.connect(api);
    flooding.socket.pause();

    const ping = { type: 'ping', payload: { text: 'x'.repeat(500_000) } };
    for (let n = 0; n < 200; n += 1) flooding.send(ping);

    let unsent = 0;
    await eventually('the connection cut off', async () => {
      if (flooding.socket.readyState !== flooding.socket.OPEN) return true;
      unsent = flooding.socket.bufferedAmount;
      return false;
    });
    expect(unsent).toBeGreaterThan(50_000_000);
  });

  it('is cut off when it gives no sign of life; others stay', async () => {
    const { api, connect, sources } = await serveToy({ keepAliveMs: 200 });
    const lively = await connect();
    const events = lively.subscribe<{ event: string }>(EVENTS);
    await using dead = await RawSocket.connect(api, { autoPong: false });
    dead.subscribe('1', EVENTS);
    await eventually('both subscriptions', async () => sources.length === 2);

    expect((await dead.closed()).code).toBe(1006);

    await eventually('its source left', async () => sources[1]!.isLeft);
    sources[0]!.push('still here');
    expect(await events.next()).toEqual({ event: 'still here' });
  });
});

describe('while callers cannot be told apart', () => {
  it('asks clients to try again when the database is away', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    let isAway = true;
    const { api } = await serveToy({
      authenticate: async () => {
        if (isAway) throw away;
        return { accountId: 'toy', scopes: [] };
      },
    });
    await using socket = await RawSocket.open(api);
    socket.send({ type: 'connection_init', payload: { authorization: 'Bearer any-key' } });
    expect(await socket.closed()).toEqual({
      code: 1013,
      reason: 'The service cannot reach its database at the moment.',
    });

    const connecting = LiveClient.connect(api, { retryAttempts: 100 });
    isAway = false;

    await using live = await connecting;
    expect(live.socket.readyState).toBe(live.socket.OPEN);
  });

  it('closes with 4500 for a fault of ours, and says no more', async () => {
    const { api } = await serveToy({
      authenticate: async () => {
        throw new Error('the password is hush');
      },
    });
    await using socket = await RawSocket.open(api);
    socket.send({ type: 'connection_init' });
    expect(await socket.closed()).toEqual({ code: 4500, reason: 'Internal server error' });
  });
});
