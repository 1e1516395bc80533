import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createGuardedAgents } from '../../src/dispatch/guarded-agent.js';
import { classify } from '../../src/dispatch/outcome.js';
import { createPoster } from '../../src/dispatch/post.js';
import { fromTypeId } from '../../src/storage/ids.js';
import { BAD_PORTS, FORBIDDEN_HOSTS, FORBIDDEN_URLS } from '../support/addresses/forbidden-urls.js';
import { type LoopbackListeners, listenOnLoopback } from '../support/addresses/loopback-listeners.js';
import type { DeliveryView, UserError } from '../support/api.js';
import { type Setup, setUp } from '../support/service.js';

let setup: Setup;
let listeners: LoopbackListeners;

beforeAll(async () => {
  // As an operator runs it who opens nothing.
  setup = await setUp({ env: { WEBHOOK_ALLOWED_CIDRS: '' } });
  listeners = await listenOnLoopback();
});

afterAll(async () => {
  await listeners?.[Symbol.asyncDispose]();
  await setup?.[Symbol.asyncDispose]();
});

afterEach(() => {
  jest.restoreAllMocks();
});

const ALL = `all ${FORBIDDEN_URLS.length}`;
const PER_REQUEST = 10;

/** One operation with a field for each URL; what each field answers, in the order of the URLs. */
async function askForEach<Answer>(
  urls: readonly string[],
  type: 'query' | 'mutation',
  field: (variable: string) => string,
) {
  const answers: Answer[] = [];
  for (let start = 0; start < urls.length; start += PER_REQUEST) {
    const some = urls.slice(start, start + PER_REQUEST);
    const declared = some.map((_url, index) => `$u${index}: URL!`).join(' ');
    const fields = some.map((_url, index) => `f${index}: ${field(`$u${index}`)}`).join('\n');
    const variables = Object.fromEntries(some.map((url, index) => [`u${index}`, url]));
    const data = await setup.api.request<Record<string, Answer>>(`${type} (${declared}) { ${fields} }`, variables);
    answers.push(...some.map((_url, index) => data[`f${index}`]!));
  }
  return answers;
}

interface Written {
  endpoint: { id: string; url: string } | null;
  userErrors: UserError[];
}

const WRITTEN = '{ endpoint { id url } userErrors { field code message } }';
const create = (urls: readonly string[]) =>
  askForEach<Written>(urls, 'mutation', (url) => `createEndpoint(input: { url: ${url}, allEvents: true }) ${WRITTEN}`);
const check = (urls: readonly string[]) =>
  askForEach<UserError | null>(urls, 'query', (url) => `checkEndpointUrl(url: ${url}) { field code message }`);

describe('a URL that must not be called', () => {
  const urls = FORBIDDEN_URLS.map(({ url }) => url);

  it(`is not registered: ${ALL}`, async () => {
    const before = await setup.api.page('endpoints');

    const answers = await create(urls);

    expect(otherThanRefused(answers)).toEqual([]);
    expect(await setup.api.page('endpoints')).toEqual(before);
  });

  it(`takes no endpoint's place: ${ALL}`, async () => {
    const { id, url, version } = await setup.api.createEndpoint({ url: 'https://example.com/', allEvents: true });
    const update = (variable: string) => `updateEndpoint(input: { id: "${id}", url: ${variable} }) ${WRITTEN}`;

    const answers = await askForEach<Written>(urls, 'mutation', update);

    expect(otherThanRefused(answers)).toEqual([]);
    expect(await setup.api.endpoint(id)).toMatchObject({ url, version });
  });

  it(`is refused while one types, in the words of createEndpoint: ${ALL}`, async () => {
    const [created, checked] = [await create(urls), await check(urls)];

    expect(checked).toEqual(created.map(({ userErrors }) => ({ ...userErrors[0], field: ['url'] })));
  });

  it(`is not called should it have been stored once, by whatever scheme and port: ${ALL}`, async () => {
    const poster = createPoster({ agents: agentsThatFindLoopback(), attemptTimeoutMs: 5_000 });

    const called: unknown[] = [];
    for (const url of FORBIDDEN_URLS.flatMap(({ url }) => variantsOf(url, listeners.port))) {
      const outcome = await poster.post({ url, headers: [], body: '{}' }).catch(() => null);
      const isHttp = /^https?:$/.test(URL.parse(url)?.protocol ?? '');
      // What is no URL of HTTP cannot be stored to begin with: there it is enough that nothing answered.
      const isRefused = isHttp ? outcome && classify(outcome) === 'BLOCKED_ADDRESS' : outcome?.kind !== 'response';
      if (!isRefused) called.push([url, outcome]);
    }
    poster.close();

    expect(called).toEqual([]);
    expect(await listeners.countCalls()).toBe(0);
  });

  it(`has a host that no socket is opened for, however it is spelled: all ${FORBIDDEN_HOSTS.length}`, async () => {
    const { http, https } = agentsThatFindLoopback();
    const failureOf = async (socket: Socket) => ((await once(socket, 'error')) as [NodeJS.ErrnoException])[0].code;

    const codes = new Set<string | undefined>();
    for (const host of FORBIDDEN_HOSTS.map((one) => one.replace(/^\[|\]$/g, ''))) {
      for (const agent of [http, https]) {
        codes.add(await failureOf(agent.createConnection({ host, port: listeners.port }) as Socket));
      }
    }

    expect([...codes]).toEqual(['ERR_BLOCKED_ADDRESS']);
    expect(await listeners.countCalls()).toBe(0);
  });

  it('is not called over a unix socket either, nor without a host', async () => {
    const { http, https } = agentsThatFindLoopback();
    const { port } = listeners;

    for (const agent of [http, https]) {
      for (const target of [{ socketPath: '/run/docker.sock', port }, { port }, { host: '', port }]) {
        const socket = agent.createConnection(target) as Socket;
        expect(await once(socket, 'error')).toEqual([expect.objectContaining({ code: 'ERR_BLOCKED_ADDRESS' })]);
      }
    }
    expect(await listeners.countCalls()).toBe(0);
  });
});

describe('a URL that may be called', () => {
  const ALLOWED: readonly (readonly [url: string, stored: string])[] = [
    ['https://example.com', 'https://example.com/'],
    ['https://example.com/webhooks?tenant=1', 'https://example.com/webhooks?tenant=1'],
    ['HTTPS://API.Example.COM/Path', 'https://api.example.com/Path'],
    ['https://example.com:443/', 'https://example.com/'],
    ['https://example.com:08443/', 'https://example.com:8443/'],
    ['https://example.com:80/', 'https://example.com:80/'],
    ['https://example.com:65535/', 'https://example.com:65535/'],
    ['https://example.com./', 'https://example.com./'],
    ['https://example.com/a/./b/../c', 'https://example.com/a/c'],
    ['https://example.com/%2e%2E/x', 'https://example.com/x'],
    ['https://example.com/hook#part', 'https://example.com/hook'],
    ['  https://example.com/\t\n', 'https://example.com/'],
    ['https:example.com', 'https://example.com/'],
    ['https:\\\\example.com\\a', 'https://example.com/a'],
    ['https://example.com/a b"c', 'https://example.com/a%20b%22c'],
    ['https://example.com/?next=https://127.0.0.1/', 'https://example.com/?next=https://127.0.0.1/'],
    ['https://example.com/@localhost', 'https://example.com/@localhost'],
    ['https://bücher.example/ü', 'https://xn--bcher-kva.example/%C3%BC'],
    ['https://xn--bcher-kva.example/', 'https://xn--bcher-kva.example/'],
    ['https://ｅｘａｍｐｌｅ.com/', 'https://example.com/'],
    ['https://example。com/', 'https://example.com/'],
    ['https://ex%61mple.com/', 'https://example.com/'],
    ['https://under_score.example.com/', 'https://under_score.example.com/'],
    ['https://localhost.example.com/', 'https://localhost.example.com/'],
    ['https://local.example/', 'https://local.example/'],
    ['https://mylocalhost.example/', 'https://mylocalhost.example/'],
    ['https://127.0.0.1.example.com/', 'https://127.0.0.1.example.com/'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
    ['https://134744072/', 'https://8.8.8.8/'],
    ['https://0x08.8.2056/', 'https://8.8.8.8/'],
    ['https://[2606:4700:4700:0:0:0:0:1111]/', 'https://[2606:4700:4700::1111]/'],
    ['https://[::ffff:8.8.8.8]/', 'https://[::ffff:808:808]/'],
    ['https://example.com/'.padEnd(2_048, 'a'), 'https://example.com/'.padEnd(2_048, 'a')],
  ];
  const urls = ALLOWED.map(([url]) => url);

  it(`is stored in its normal form: all ${ALLOWED.length}`, async () => {
    const answers = await create(urls);

    expect(answers.map(({ endpoint, userErrors }) => [endpoint?.url, userErrors])).toEqual(
      ALLOWED.map(([, stored]) => [stored, []]),
    );
  });

  it('passes while one types, as does what is stored of it', async () => {
    expect(await check([...urls, ...ALLOWED.map(([, stored]) => stored)])).toEqual(
      Array(2 * ALLOWED.length).fill(null),
    );
  });

  it('passes while one types without a look-up', async () => {
    const lookup = jest.spyOn(dns, 'lookup');

    expect(await check(['https://hooks.example/'])).toEqual([null]);

    expect(lookup).not.toHaveBeenCalled();
  });
});

describe('an attempt at an address that must not be called', () => {
  const REFUSED = { outcome: 'BLOCKED_ADDRESS', error: 'The address is not one that the service may call' };

  /** Lets every name stand for `addresses`, for deliveries alone: the database and this test look names up otherwise. */
  function nameStandsFor(...addresses: string[]): void {
    const answer = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    jest.spyOn(dns, 'lookup').mockImplementation((() => Promise.resolve(answer)) as never);
  }

  async function testEvent(endpointId: string): Promise<DeliveryView> {
    const { delivery, userErrors } = await setup.api.sendTestEvent({ endpointId, type: 'invoice.paid' });
    expect(userErrors).toEqual([]);
    return delivery!;
  }

  it('tells nobody what a name stands for, not even how many addresses it has', async () => {
    const url = `https://hooks.example:${listeners.port}/`;
    const { id } = await setup.api.createEndpoint({ url, allEvents: true });
    const answers = [
      ['10.20.30.40'],
      ['fd12:3456::789a'],
      ['169.254.169.254', '10.20.30.40'],
      ['8.8.8.8', '127.0.0.1'],
    ];

    for (const addresses of answers) {
      nameStandsFor(...addresses);
      const delivery = await testEvent(id);

      expect(delivery.attempts).toMatchObject([{ ...REFUSED, responseStatusCode: null, responseBody: null }]);
      const shown = JSON.stringify([delivery, await setup.api.delivery(delivery.id), await setup.api.endpoint(id)]);
      expect(addresses.filter((address) => shown.includes(address))).toEqual([]);
    }
    expect(await listeners.countCalls()).toBe(0);
  });

  it('is made by no endpoint that was stored when other rules held', async () => {
    const { port } = listeners;
    const stored = [`https://127.0.0.1:${port}/`, `https://localhost:${port}/`, `https://[::ffff:127.0.0.1]:${port}/`];
    const elsewhere = [`http://hooks.example:${port}/`, 'https://hooks.example:22/'];
    nameStandsFor('127.0.0.1');

    for (const url of [...stored, ...elsewhere]) {
      const { id } = await setup.api.createEndpoint({ url: 'https://example.com/', allEvents: true });
      await setup.database.query('update webhooks.endpoints set url = $1 where id = $2', [url, fromTypeId('ep', id)]);

      const error = stored.includes(url)
        ? REFUSED.error
        : 'The URL has a scheme or a port that the service may not call';
      expect((await testEvent(id)).attempts).toMatchObject([{ outcome: 'BLOCKED_ADDRESS', error }]);
    }
    expect(await listeners.countCalls()).toBe(0);
  });
});

/** The forbidden URLs, given their answers in the same order, of which something else was said than the table has. */
function otherThanRefused(answers: readonly Written[]): unknown[] {
  return FORBIDDEN_URLS.flatMap(({ url, code }, index) => {
    const { endpoint, userErrors } = answers[index]!;
    const [error, ...others] = userErrors;
    const isRefused = endpoint === null && error?.code === code && error.field?.join('.') === 'input.url';
    return isRefused && others.length === 0 ? [] : [{ url, code, endpoint, userErrors }];
  });
}

/** Agents to which http: is open and nothing else, for whom every name stands for loopback. */
function agentsThatFindLoopback() {
  const resolve = () => Promise.resolve(listeners.addresses.map((address) => ({ address })));
  return createGuardedAgents({ allowHttp: true, resolve });
}

/** A URL as it is, and where it can be: by each scheme, to the port where somebody listens. */
function variantsOf(url: string, port: number): string[] {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol) || BAD_PORTS.includes(Number(parsed.port || 443))) return [url];
  return ['http:', 'https:'].map((protocol) => Object.assign(new URL(parsed), { protocol, port: `${port}` }).href);
}
