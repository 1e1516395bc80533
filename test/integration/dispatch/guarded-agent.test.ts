import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { BlockList, isIPv6, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { checkBlockList } from '../../../src/dispatch/block-list-check.js';
import { createAgents, createGuardedAgents, type GuardedAgentOptions } from '../../../src/dispatch/guarded-agent.js';
import { BlockedAddressError } from '../../../src/dispatch/guarded-lookup.js';
import { classify } from '../../../src/dispatch/outcome.js';
import { createPoster } from '../../../src/dispatch/post.js';
import { parseAddressRanges } from '../../../src/endpoints/address-range.js';
import { CLOSED_ADDRESSES, PUBLIC_ADDRESSES } from '../../support/addresses/closed-addresses.js';
import { type LoopbackListeners, listenOnLoopback } from '../../support/addresses/loopback-listeners.js';
import { type Answer, type Receiver, startReceiver } from '../../support/receiver.js';

const LOOPBACK = parseAddressRanges('127.0.0.0/8');

let receiver: Receiver;
let listeners: LoopbackListeners;

beforeAll(async () => {
  receiver = await startReceiver({ tls: false });
  listeners = await listenOnLoopback();
});

afterAll(async () => {
  await receiver?.close();
  await listeners?.[Symbol.asyncDispose]();
});

/** The addresses that sockets of this process dial at a port, as Node reports them. */
function watchDials(port: number): Disposable & { readonly addresses: readonly string[] } {
  const addresses: string[] = [];
  const onSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.on('connectionAttempt', (address, at) => void (at === port && addresses.push(address)));
  };
  subscribe('net.client.socket', onSocket);
  return { addresses, [Symbol.dispose]: () => void unsubscribe('net.client.socket', onSocket) };
}

/** What comes of requests, one after the other. */
async function outcomesOf(urls: readonly string[], options: GuardedAgentOptions): Promise<string[]> {
  const poster = createPoster({
    agents: createGuardedAgents({ allowHttp: true, ...options }),
    attemptTimeoutMs: 5_000,
  });
  const outcomes: string[] = [];
  for (const url of urls) outcomes.push(classify(await poster.post({ url, headers: [], body: '{}' })));
  poster.close();
  return outcomes;
}

function named(scheme: 'http' | 'https', port: number | string): string {
  return `${scheme}://hooks.example:${port}/`;
}

describe('an address that is closed', () => {
  const answers = CLOSED_ADDRESSES.flatMap((closed) => [
    [closed],
    [closed, ...PUBLIC_ADDRESSES],
    [...PUBLIC_ADDRESSES, closed],
    [PUBLIC_ADDRESSES[0]!, closed, PUBLIC_ADDRESSES[2]!],
  ]);

  it.each(['http', 'https'] as const)(
    `is not dialled over %s, and neither is any that a name has beside it: all ${CLOSED_ADDRESSES.length}`,
    async (scheme) => {
      using dials = watchDials(listeners.port);
      const left = answers.map((addresses) => addresses.map((address) => ({ address })));

      const outcomes = await outcomesOf(
        left.map(() => named(scheme, listeners.port)),
        { resolve: () => Promise.resolve(left.shift()!) },
      );

      expect(answers.filter((_addresses, index) => outcomes[index] !== 'BLOCKED_ADDRESS')).toEqual([]);
      expect(left).toEqual([]);
      expect(dials.addresses).toEqual([]);
      expect(await listeners.countCalls()).toBe(0);
    },
  );

  it('is not dialled where the URL has it in place of a name', async () => {
    using dials = watchDials(listeners.port);
    const hosts = CLOSED_ADDRESSES.map((address) => (isIPv6(address) ? `[${address}]` : address));

    const outcomes = await outcomesOf(
      hosts.flatMap((host) => [`http://${host}:${listeners.port}/`, `https://${host}:${listeners.port}/`]),
      {},
    );

    expect(new Set(outcomes)).toEqual(new Set(['BLOCKED_ADDRESS']));
    expect(dials.addresses).toEqual([]);
  });

  it('is dialled once it is open: the watch would have seen it', async () => {
    const { port } = new URL(receiver.url);
    using dials = watchDials(Number(port));

    const outcomes = await outcomesOf([named('http', port)], {
      allowedCidrs: LOOPBACK,
      resolve: async () => [{ address: '127.0.0.1' }],
    });

    expect(outcomes).toEqual(['SUCCEEDED']);
    expect(dials.addresses).toEqual(['127.0.0.1']);
  });

  it('stays closed beside an open one: metadata in a range, loopback beside a private network', async () => {
    const open = parseAddressRanges('0.0.0.0/1, 128.0.0.0/1, ::/0');
    const metadata = ['169.254.169.254', '100.100.100.200', '192.0.0.192', '168.63.129.16', 'fd00:ec2::254'];
    const translated = ['::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1', '64:ff9b::a83f:8110'];
    const left = [...metadata, ...translated].map((address) => [{ address: '127.0.0.1' }, { address }]);

    const outcomes = await outcomesOf(
      left.map(() => named('http', listeners.port)),
      { allowedCidrs: open, resolve: () => Promise.resolve(left.shift()!) },
    );

    expect(new Set(outcomes)).toEqual(new Set(['BLOCKED_ADDRESS']));
    const beside = { allowedCidrs: parseAddressRanges('10.0.0.0/8'), resolve: async () => [{ address: '127.0.0.1' }] };
    expect(await outcomesOf([named('http', listeners.port)], beside)).toEqual(['BLOCKED_ADDRESS']);
    expect(await listeners.countCalls()).toBe(0);
  });
});

describe('a name that changes its mind', () => {
  it('is judged anew by each attempt that makes a connection', async () => {
    receiver.answer({ headers: { connection: 'close' } });
    const before = receiver.requests.length;
    const answers = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? '127.0.0.1' : '10.0.0.1'));
    const left = [...answers];

    const outcomes = await outcomesOf(
      answers.map(() => named('http', new URL(receiver.url).port)),
      { allowedCidrs: LOOPBACK, resolve: async () => [{ address: left.shift()! }] },
    );

    expect(outcomes).toEqual(answers.map((one) => (one === '10.0.0.1' ? 'BLOCKED_ADDRESS' : 'SUCCEEDED')));
    expect(receiver.requests).toHaveLength(before + 10);
  });

  it('is asked once for each connection: what is checked is what is dialled', async () => {
    using dials = watchDials(listeners.port);
    const resolve = jest.fn(async () => [{ address: '127.0.0.1' }]);
    resolve.mockImplementationOnce(async () => [{ address: '10.0.0.1' }]);

    expect(await outcomesOf([named('https', listeners.port)], { allowedCidrs: LOOPBACK, resolve })).toEqual([
      'BLOCKED_ADDRESS',
    ]);

    expect(resolve).toHaveBeenCalledTimes(1);
    expect(dials.addresses).toEqual([]);
  });

  it('changes nothing for a connection that is kept, which still leads to where it was allowed to', async () => {
    receiver.answer({});
    const before = receiver.connections;
    const resolve = jest.fn(async () => [{ address: '10.0.0.1' }]);
    resolve.mockImplementationOnce(async () => [{ address: '127.0.0.1' }]);
    const url = named('http', new URL(receiver.url).port);

    const outcomes = await outcomesOf([url, url], { allowedCidrs: LOOPBACK, resolve });

    expect(outcomes).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect([resolve.mock.calls.length, receiver.connections - before]).toEqual([1, 1]);
  });

  it('gets no connection that was made to another name', async () => {
    receiver.answer({});
    const { port } = new URL(receiver.url);
    const resolve = async (hostname: string) => [{ address: hostname === 'hooks.example' ? '127.0.0.1' : '10.0.0.1' }];

    const urls = [named('http', port), `http://other.example:${port}/`, named('http', port)];
    const outcomes = await outcomesOf(urls, { allowedCidrs: LOOPBACK, resolve });

    expect(outcomes).toEqual(['SUCCEEDED', 'BLOCKED_ADDRESS', 'SUCCEEDED']);
  });
});

describe('a look-up that finds no address', () => {
  const lookUp = (resolve: GuardedAgentOptions['resolve']) =>
    outcomesOf([named('http', listeners.port), named('https', listeners.port)], { allowedCidrs: LOOPBACK, resolve });

  it.each([[[]], [['']], [['garbage']], [['127.1']], [['256.0.0.1']], [['hooks.example']], [['127.0.0.1', '']]])(
    'but answers %j is a DNS error',
    async (addresses: string[]) => {
      expect(await lookUp(async () => addresses.map((address) => ({ address })))).toEqual(['DNS_ERROR', 'DNS_ERROR']);
    },
  );

  it.each([
    ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_MEMORY', 'EAI_SERVICE', 'EAI_CANCELED', 'EINVAL'],
    ...['ENOMEM', 'EMFILE', 'ECONNREFUSED', 'ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH', 'ECONNRESET'],
  ])('but fails with %s is a DNS error', async (code) => {
    const error = Object.assign(new Error(`getaddrinfo ${code} 10.9.8.7`), { code, syscall: 'getaddrinfo' });

    expect(await lookUp(() => Promise.reject(error))).toEqual(['DNS_ERROR', 'DNS_ERROR']);
  });

  it('because no name is so long is a DNS error', async () => {
    expect(await outcomesOf([`https://${'a'.repeat(300)}.example/`], {})).toEqual(['DNS_ERROR']);
  });
});

describe('a redirect', () => {
  it.each([
    ...[300, 301, 302, 303, 304, 305, 307, 308].map((status) => [status, 'location', 'REDIRECT'] as const),
    [200, 'refresh', 'SUCCEEDED'],
    [201, 'location', 'SUCCEEDED'],
    [500, 'location', 'HTTP_ERROR'],
  ] as const)('by %i with %s is not followed', async (status, header, outcome) => {
    const before = receiver.requests.length;
    const target = `http://127.0.0.1:${listeners.port}/`;
    receiver.answer({ status, headers: { [header]: header === 'refresh' ? `0; url=${target}` : target } } as Answer);

    expect(await outcomesOf([receiver.url], { allowedCidrs: LOOPBACK })).toEqual([outcome]);

    expect(receiver.requests).toHaveLength(before + 1);
    expect(await listeners.countCalls()).toBe(0);
  });
});

describe('the check of block lists at the start', () => {
  it('passes where sockets honour them', async () => {
    await expect(checkBlockList()).resolves.toBeUndefined();
  });

  it.each([
    ['ignored', new BlockList()],
    ['honoured for other addresses only', toBlock('127.0.0.2')],
  ])('fails where they are %s, and says what to do', async (_how, blockList) => {
    const agents = createAgents({
      objectionTo: () => null,
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
      blockList,
    });

    await expect(checkBlockList(agents)).rejects.toThrow(/Node 24 or newer/);
  });

  it('fails where one of the agents does not have them', async () => {
    const blocking = { objectionTo: () => null, lookup: async () => [{ address: '127.0.0.1', family: 4 }] };
    const [without, having] = [new BlockList(), toBlock('127.0.0.1')].map((blockList) =>
      createAgents({ ...blocking, blockList }),
    );

    await expect(checkBlockList({ http: having!.http, https: without!.https })).rejects.toThrow(/block/);
    await expect(checkBlockList({ http: without!.http, https: having!.https })).rejects.toThrow(/block/);
    await checkBlockList(having);
  });

  it('is about the second guard: it holds where the first is away', async () => {
    const blockList = toBlock('127.0.0.1');
    const agents = createAgents({
      objectionTo: () => null,
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
      blockList,
    });
    const poster = createPoster({ agents, attemptTimeoutMs: 5_000 });

    for (const scheme of ['http', 'https'] as const) {
      for (const host of ['127.0.0.1', 'hooks.example']) {
        const url = `${scheme}://${host}:${listeners.port}/`;
        const outcome = await poster.post({ url, headers: [], body: '{}' });
        expect(outcome).toMatchObject({ reason: 'blocked-address', error: new BlockedAddressError().message });
      }
    }
    poster.close();
    expect(await listeners.countCalls()).toBe(0);
  });
});

function toBlock(address: string): BlockList {
  const blockList = new BlockList();
  blockList.addAddress(address);
  return blockList;
}
