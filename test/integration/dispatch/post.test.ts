import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createGuardedAgents, type GuardedAgentOptions } from '../../../src/dispatch/guarded-agent.js';
import { classify } from '../../../src/dispatch/outcome.js';
import { createPoster, type Poster } from '../../../src/dispatch/post.js';
import { parseAddressRanges } from '../../../src/endpoints/address-range.js';
import { toBlockList } from '../../../src/endpoints/public-address.js';
import { certificateAuthority } from '../../support/certificates.js';
import { type Answer, type Receiver, type ReceiverOptions, startReceiver } from '../../support/receiver.js';

const LOOPBACK = parseAddressRanges('127.0.0.0/8');
const BODY = '{"id":"evt_1","data":{"customer":"Zoë"}}';
const HEADERS = [
  { name: 'content-type', value: 'application/json' },
  { name: 'user-agent', value: 'RevKeen-Webhooks/0.1.0' },
  { name: 'webhook-id', value: 'evt_1' },
];

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function receiverThat(options?: ReceiverOptions): Promise<Receiver> {
  const receiver = await startReceiver(options);
  cleanUps.push(() => receiver.close());
  return receiver;
}

/** A TCP server that speaks as it is told; its base URL without a scheme. */
async function rawServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `//127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A TCP server that answers the first bytes it gets with `text`, and ends the connection. */
function rawAnswer(text: string): Promise<string> {
  return rawServer((socket) => socket.once('data', () => socket.end(text)));
}

interface PosterSetup extends GuardedAgentOptions {
  readonly attemptTimeoutMs?: number;
}

async function setUpPoster({ attemptTimeoutMs = 5_000, ...options }: PosterSetup = {}): Promise<Poster> {
  const { cert } = await certificateAuthority();
  const agents = createGuardedAgents({ allowHttp: true, allowedCidrs: LOOPBACK, ca: cert, ...options });
  const poster = createPoster({ agents, attemptTimeoutMs });
  cleanUps.push(() => poster.close());
  return poster;
}

function failing(code: string): GuardedAgentOptions['resolve'] {
  return () =>
    Promise.reject(Object.assign(new Error(`getaddrinfo ${code} 10.9.8.7`), { code, syscall: 'getaddrinfo' }));
}

describe('a post', () => {
  it('sends the body and the headers as they are, over HTTPS', async () => {
    const receiver = await receiverThat();
    const poster = await setUpPoster();
    receiver.answer({ status: 202, headers: { 'X-Trace': 'abc' }, body: 'thank you' });

    const outcome = await poster.post({ url: `${receiver.url}?a=1`, headers: HEADERS, body: BODY });

    expect(outcome).toMatchObject({ kind: 'response', statusCode: 202, body: 'thank you', bodyTruncated: false });
    expect(outcome).toHaveProperty('headers', expect.arrayContaining([{ name: 'x-trace', value: 'abc' }]));
    const [request] = await receiver.receive(1);
    expect(request).toMatchObject({ method: 'POST', path: '/webhooks?a=1', rawBody: BODY });
    const { host, connection, 'content-length': length, ...rest } = request!.headers;
    expect(rest).toEqual(Object.fromEntries(HEADERS.map(({ name, value }) => [name, value])));
    expect(length).toBe(Buffer.byteLength(BODY).toString());
  });

  it('measures whole milliseconds, to the last byte', async () => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster();
    receiver.answer({ delayMs: 60 });

    const { responseTimeMs } = await poster.post({ url: receiver.url, headers: [], body: BODY });

    expect(Number.isInteger(responseTimeMs)).toBe(true);
    expect(responseTimeMs).toBeGreaterThanOrEqual(55);
    expect(responseTimeMs).toBeLessThan(5_000);
  });

  it.each([
    ['a 204 without a body', { status: 204 }, 'SUCCEEDED'],
    ['a 200 without a body', { status: 200 }, 'SUCCEEDED'],
    ['a 301', { status: 301, headers: { location: '/elsewhere' } }, 'REDIRECT'],
    ['a 304', { status: 304 }, 'REDIRECT'],
    ['a 404', { status: 404, body: 'no such thing' }, 'HTTP_ERROR'],
    ['a 410', { status: 410 }, 'HTTP_ERROR'],
    ['a 500', { status: 500, body: 'oh no' }, 'HTTP_ERROR'],
  ] satisfies [string, Answer, string][])('reports %s', async (_what, answer: Answer, expected) => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster();
    receiver.answer(answer);

    const outcome = await poster.post({ url: receiver.url, headers: HEADERS, body: BODY });

    expect(classify(outcome)).toBe(expected);
    expect(outcome).toMatchObject({ statusCode: answer.status, body: answer.body ?? '', bodyTruncated: false });
    expect(receiver.requests).toHaveLength(1);
  });

  it('does not follow a redirect, to loopback least of all', async () => {
    const [receiver, target] = [await receiverThat({ tls: false }), await receiverThat({ tls: false })];
    const poster = await setUpPoster();
    receiver.answer({ status: 302, headers: { location: target.url } });

    const outcome = await poster.post({ url: receiver.url, headers: HEADERS, body: BODY });

    expect(classify(outcome)).toBe('REDIRECT');
    expect(target.connections).toBe(0);
  });

  it('passes over early hints', async () => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster();
    receiver.answer((_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      return { body: 'done' };
    });

    const outcome = await poster.post({ url: receiver.url, headers: HEADERS, body: BODY });

    expect(outcome).toMatchObject({ statusCode: 200, body: 'done' });
  });

  it('takes 101 for an answer, and drops the connection', async () => {
    const closed = Promise.withResolvers<void>();
    const server = await rawServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello');
        socket.on('close', () => closed.resolve());
      });
    });
    const poster = await setUpPoster();

    const outcome = await poster.post({ url: `http:${server}`, headers: HEADERS, body: BODY });

    expect(outcome).toMatchObject({ kind: 'response', statusCode: 101, body: '' });
    expect(classify(outcome)).toBe('HTTP_ERROR');
    await closed.promise;
  });

  it('reads how long a 503 asks to be left alone', async () => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster();
    receiver.answer({ status: 503, headers: { 'Retry-After': '120' } });

    expect(await poster.post({ url: receiver.url, headers: [], body: BODY })).toHaveProperty('retryAfterMs', 120_000);
  });

  it('keeps headers that come twice', async () => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster();
    receiver.answer({ headers: { 'Set-Cookie': ['a=1', 'b=2'] } });

    const outcome = await poster.post({ url: receiver.url, headers: [], body: BODY });

    expect(outcome).toHaveProperty(
      'headers',
      expect.arrayContaining([
        { name: 'set-cookie', value: 'a=1' },
        { name: 'set-cookie', value: 'b=2' },
      ]),
    );
  });

  it('hears an answer that begins before all of the body is sent', async () => {
    const server = await rawServer((socket) => {
      socket.once('data', () => {
        socket.pause().write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\nno', () => {
          setTimeout(() => socket.write('pe!'), 50);
        });
      });
    });
    const poster = await setUpPoster();
    const body = 'x'.repeat(64 * 1024 * 1024);

    const outcome = await poster.post({ url: `http:${server}`, headers: HEADERS, body });

    expect(outcome).toMatchObject({ kind: 'response', statusCode: 401, body: 'nope!' });
  });

  it('rejects for a request that cannot be made, which is a mistake of ours', async () => {
    const poster = await setUpPoster();
    const headers = [{ name: 'x-broken', value: 'a\r\nb' }];

    await expect(poster.post({ url: 'http://127.0.0.1:9/', headers, body: BODY })).rejects.toThrow(/x-broken/);
  });
});

describe('the body of a response', () => {
  it.each([
    ['exactly 64 KiB', 'x'.repeat(65_536), 'x'.repeat(65_536), false],
    ['one byte more', 'x'.repeat(65_537), 'x'.repeat(65_536), true],
    ['a character across the limit', `${'x'.repeat(65_535)}€uro`, 'x'.repeat(65_535), true],
    ['bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0x62, 0xc3]), 'a\uFFFDb\uFFFD', false],
    ['NUL characters', 'a\0b\0', 'a\uFFFDb\uFFFD', false],
  ])('of %s is kept as text that can be stored', async (_what, body, expected, truncated) => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster();
    receiver.answer({ body });

    const outcome = await poster.post({ url: receiver.url, headers: [], body: BODY });

    expect(outcome).toMatchObject({ kind: 'response', statusCode: 200, bodyTruncated: truncated });
    expect(outcome).toHaveProperty('body', expected);
  });

  it.each(['http', 'https'])('without an end is cut off, over %s', async (scheme) => {
    const receiver = await receiverThat({ tls: scheme === 'https' });
    const poster = await setUpPoster();
    const cut = Promise.withResolvers<number>();
    receiver.answer((_request, response) => {
      let sent = 0;
      const pour = () => {
        do sent += 16_384;
        while (response.write(Buffer.alloc(16_384, 'x')));
      };
      response.on('drain', pour).on('close', () => cut.resolve(sent));
      pour();
      return undefined;
    });

    const outcome = await poster.post({ url: receiver.url, headers: [], body: BODY });

    expect(outcome).toMatchObject({ kind: 'response', statusCode: 200, bodyTruncated: true });
    expect(outcome).toHaveProperty('body.length', 65_536);
    expect(await cut.promise).toBeLessThan(64 * 1024 * 1024);
  });

  it('is not unpacked', async () => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster();
    const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024));
    receiver.answer({ headers: { 'content-encoding': 'gzip' }, body: bomb });

    const outcome = await poster.post({ url: receiver.url, headers: [], body: BODY });

    expect(outcome).toMatchObject({ statusCode: 200, bodyTruncated: false });
    expect(outcome).toHaveProperty('body', bomb.toString('utf8').replaceAll('\0', '\uFFFD'));
    expect(receiver.requests[0]!.headers).not.toHaveProperty('accept-encoding');
  });
});

describe('without a response', () => {
  const failure = async (url: string, options?: PosterSetup) => {
    const poster = await setUpPoster(options);
    const outcome = await poster.post({ url, headers: HEADERS, body: BODY });
    return [classify(outcome), outcome.kind === 'no-response' && outcome.error];
  };

  it('a refused connection is named', async () => {
    const receiver = await startReceiver({ tls: false });
    await receiver.close();

    expect(await failure(receiver.url)).toEqual(['CONNECTION_ERROR', 'Connection refused']);
    expect(await failure(receiver.url.replace('127.0.0.1', 'localhost'))).toEqual([
      'CONNECTION_ERROR',
      'Connection refused',
    ]);
    expect(await failure(receiver.url.replace('http:', 'https:'))).toEqual(['CONNECTION_ERROR', 'Connection refused']);
  });

  it.each([
    ['ENOTFOUND', 'Host name not found'],
    ['EAI_AGAIN', 'Host name look-up failed for the moment'],
    ['EAI_FAIL', 'Host name look-up failed'],
  ])('a look-up that fails with %s is named', async (code, error) => {
    expect(await failure('https://hooks.example/', { resolve: failing(code) })).toEqual(['DNS_ERROR', error]);
    expect(await failure('http://hooks.example/', { resolve: failing(code) })).toEqual(['DNS_ERROR', error]);
  });

  it('a name that has no address is named', async () => {
    const resolve = () => Promise.resolve([]);

    expect(await failure('https://hooks.example/', { resolve })).toEqual(['DNS_ERROR', 'Host name not found']);
  });

  it.each([
    ['expired', 'TLS: certificate has expired'],
    ['other-host', 'TLS: certificate is for another host name'],
    ['self-signed', 'TLS: certificate is self-signed'],
  ] as const)('a certificate that is %s is named, and nothing is sent', async (flaw, error) => {
    const receiver = await receiverThat({ flaw });

    expect(await failure(receiver.url)).toEqual(['TLS_ERROR', error]);
    expect(receiver.connections).toBe(1);
    expect(receiver.requests).toHaveLength(0);
  });

  it('a certificate of an unknown authority is named', async () => {
    const receiver = await receiverThat();

    expect(await failure(receiver.url, { ca: undefined })).toEqual([
      'TLS_ERROR',
      'TLS: certificate is not from a trusted authority, or its chain is incomplete',
    ]);
  });

  it('HTTP on a port that is spoken to in TLS is named', async () => {
    const receiver = await receiverThat({ tls: false });

    expect(await failure(receiver.url.replace('http:', 'https:'))).toEqual([
      'TLS_ERROR',
      'TLS: the port does not speak TLS',
    ]);
  });

  it('TLS on a port that is spoken to in HTTP is named', async () => {
    const receiver = await receiverThat();

    expect(await failure(receiver.url.replace('https:', 'http:'))).toEqual([
      'CONNECTION_ERROR',
      'Connection closed before an answer came',
    ]);
  });

  it.each([
    ['ended', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('a TLS handshake that is %s is named', async (_how, cut) => {
    const server = await rawServer((socket) => socket.once('data', () => cut(socket)));

    expect(await failure(`https:${server}`)).toEqual(['TLS_ERROR', 'TLS: connection closed during the handshake']);
  });

  it.each([
    ['ended', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('a connection that is %s before the answer is named', async (_how, cut) => {
    const server = await rawServer((socket) => socket.once('data', () => cut(socket)));

    expect(await failure(`http:${server}`)).toEqual(['CONNECTION_ERROR', 'Connection closed before an answer came']);
  });

  it.each([
    ['ended', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('a connection that is %s in the body is named', async (_how, cut) => {
    const receiver = await receiverThat({ tls: false });
    receiver.answer((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => cut(response.socket!));
      return undefined;
    });

    expect(await failure(receiver.url)).toEqual([
      'CONNECTION_ERROR',
      'Connection closed in the middle of the response',
    ]);
  });

  it.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['a status that is none', 'HTTP/1.1 abc OK\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n'],
  ])('%s is not HTTP', async (_what, text) => {
    expect(await failure(`http:${await rawAnswer(text)}`)).toEqual([
      'CONNECTION_ERROR',
      'The answer is not valid HTTP',
    ]);
  });

  it('headers without an end are cut off', async () => {
    const server = await rawAnswer(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);

    expect(await failure(`http:${server}`)).toEqual([
      'CONNECTION_ERROR',
      'The headers of the response are larger than 16 KiB',
    ]);
  });
});

describe('the time-out', () => {
  const attemptTimeoutMs = 150;

  it.each(['http', 'https'])('ends a wait for the head, over %s', async (scheme) => {
    const receiver = await receiverThat({ tls: scheme === 'https' });
    const poster = await setUpPoster({ attemptTimeoutMs });
    receiver.answer(() => undefined);

    const outcome = await poster.post({ url: receiver.url, headers: HEADERS, body: BODY });

    expect(classify(outcome)).toBe('TIMEOUT');
    expect(outcome).toHaveProperty('error', 'No answer within 150 ms');
    expect(outcome.responseTimeMs).toBeGreaterThanOrEqual(145);
    expect(receiver.requests).toHaveLength(1);
  });

  it('ends a body that never ends, even one that drips', async () => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster({ attemptTimeoutMs });
    const closed = Promise.withResolvers<void>();
    receiver.answer((_request, response) => {
      const dripping = setInterval(() => response.write('.'), 10);
      response.on('close', () => {
        clearInterval(dripping);
        closed.resolve();
      });
      return undefined;
    });

    const outcome = await poster.post({ url: receiver.url, headers: HEADERS, body: BODY });

    expect(classify(outcome)).toBe('TIMEOUT');
    expect(outcome).toHaveProperty('error', 'The response did not end within 150 ms');
    await closed.promise;
  });

  it('ends a look-up that hangs', async () => {
    const poster = await setUpPoster({ attemptTimeoutMs, resolve: () => new Promise(() => {}) });

    const outcome = await poster.post({ url: 'https://hooks.example/', headers: HEADERS, body: BODY });

    expect(classify(outcome)).toBe('TIMEOUT');
  });

  it('ends a TLS handshake that hangs', async () => {
    const server = await rawServer(() => {});
    const poster = await setUpPoster({ attemptTimeoutMs });

    expect(classify(await poster.post({ url: `https:${server}`, headers: HEADERS, body: BODY }))).toBe('TIMEOUT');
  });

  it('ends an upload that nobody reads', async () => {
    const server = await rawServer((socket) => socket.pause());
    const poster = await setUpPoster({ attemptTimeoutMs });
    const body = 'x'.repeat(64 * 1024 * 1024);

    expect(classify(await poster.post({ url: `http:${server}`, headers: HEADERS, body }))).toBe('TIMEOUT');
  });

  it('does not come to pass where the answer is there before the upload is done, which is then given up', async () => {
    const accepted = Promise.withResolvers<Socket>();
    const server = await rawServer((socket) => {
      accepted.resolve(socket);
      socket.once('data', () => socket.pause().write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n'));
    });
    const poster = await setUpPoster();
    const body = 'x'.repeat(64 * 1024 * 1024);

    const outcome = await poster.post({ url: `http:${server}`, headers: HEADERS, body });

    expect(outcome).toHaveProperty('statusCode', 413);
    const socket = await accepted.promise;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(body.length);
  });
});

describe('connections', () => {
  it.each(['http', 'https'])('are kept alive, over %s', async (scheme) => {
    const receiver = await receiverThat({ tls: scheme === 'https' });
    const poster = await setUpPoster();

    for (const body of ['1', '2', '3']) await poster.post({ url: receiver.url, headers: [], body });

    expect(receiver.requests.map(({ rawBody }) => rawBody)).toEqual(['1', '2', '3']);
    expect(receiver.connections).toBe(1);
  });

  it('are closed when idle, and not while an answer is due', async () => {
    const closed = Promise.withResolvers<void>();
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster({ idleTimeoutMs: 30 });
    receiver.answer((_request, response) => {
      response.socket!.once('close', () => closed.resolve());
      return { delayMs: 100 };
    });

    const outcome = await poster.post({ url: receiver.url, headers: [], body: BODY });

    expect(outcome).toHaveProperty('statusCode', 200);
    await closed.promise;
  });

  it('are not used again when the receiver says it will close them at once', async () => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster();
    receiver.answer({ headers: { 'keep-alive': 'timeout=1' } });

    for (const body of ['1', '2']) await poster.post({ url: receiver.url, headers: [], body });

    expect(receiver.connections).toBe(2);
  });

  it('that break under a request are not replaced: nothing is sent twice', async () => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster();
    await poster.post({ url: receiver.url, headers: [], body: '1' });
    receiver.answer((_request, response) => {
      response.socket!.resetAndDestroy();
      return undefined;
    });

    const outcome = await poster.post({ url: receiver.url, headers: [], body: '2' });

    expect(classify(outcome)).toBe('CONNECTION_ERROR');
    expect(receiver.requests).toHaveLength(2);
  });

  it('end when the poster closes', async () => {
    const receiver = await receiverThat({ tls: false });
    const poster = await setUpPoster();
    receiver.answer(() => undefined);
    const outcome = poster.post({ url: receiver.url, headers: [], body: BODY });
    await receiver.receive(1);

    poster.close();

    expect(classify(await outcome)).toBe('CONNECTION_ERROR');
  });

  it('take no CA that is not one', () => {
    expect(() => createGuardedAgents({ ca: 'not a certificate' })).toThrow('not a PEM certificate');
  });
});

describe('addresses that must not be called', () => {
  const loopback = () => Promise.resolve([{ address: '127.0.0.1' }]);

  it.each([
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.2',
    '0',
    'localhost',
    'localhost.',
    'api.localhost',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::127.0.0.1]',
    'hooks.example',
  ])('are refused before a connection is made, spelled %s', async (host) => {
    const receivers = [await receiverThat({ tls: false }), await receiverThat()];
    const poster = await setUpPoster({ allowedCidrs: [], resolve: loopback });

    for (const receiver of receivers) {
      const url = receiver.url.replace('127.0.0.1', host);
      const outcome = await poster.post({ url, headers: HEADERS, body: BODY });

      expect(classify(outcome)).toBe('BLOCKED_ADDRESS');
      expect(outcome).toHaveProperty('error', 'The address is not one that the service may call');
      expect(receiver.connections).toBe(0);
    }
  });

  it('are refused when they are one of many', async () => {
    const receiver = await receiverThat({ tls: false });
    const resolve = () => Promise.resolve([{ address: '127.0.0.1' }, { address: '10.0.0.1' }]);
    const poster = await setUpPoster({ resolve });

    const outcome = await poster.post({
      url: receiver.url.replace('127.0.0.1', 'hooks.example'),
      headers: [],
      body: BODY,
    });

    expect(classify(outcome)).toBe('BLOCKED_ADDRESS');
    expect(receiver.connections).toBe(0);
  });

  it('are refused at the connection that looks them up, when a name changes its mind', async () => {
    const receiver = await receiverThat({ tls: false });
    const answers = ['127.0.0.1', '10.0.0.1', '127.0.0.1'];
    const poster = await setUpPoster({ resolve: async () => [{ address: answers.shift()! }] });
    receiver.answer({ headers: { connection: 'close' } });
    const url = receiver.url.replace('127.0.0.1', 'hooks.example');

    const outcomes = [];
    for (const body of ['1', '2', '3']) outcomes.push(classify(await poster.post({ url, headers: [], body })));

    expect(outcomes).toEqual(['SUCCEEDED', 'BLOCKED_ADDRESS', 'SUCCEEDED']);
    expect(receiver.requests.map(({ rawBody }) => rawBody)).toEqual(['1', '3']);
    expect(answers).toEqual([]);
  });

  it('are not dialled in place of those that were checked', async () => {
    const receiver = await receiverThat({ tls: false });
    const reads = ['8.8.8.8', '127.0.0.1', '127.0.0.1'];
    const shifty = Object.defineProperty({} as { address: string }, 'address', { get: () => reads.shift() });
    const poster = await setUpPoster({ allowedCidrs: [], resolve: async () => [shifty], attemptTimeoutMs: 100 });

    await poster.post({ url: receiver.url.replace('127.0.0.1', 'hooks.example'), headers: [], body: BODY });

    expect(receiver.connections).toBe(0);
    expect(reads).toHaveLength(2);
  });

  it('are looked up under the name alone, whatever the Host header says', async () => {
    const receiver = await receiverThat();
    const asked: string[] = [];
    const resolve = async (hostname: string) => {
      asked.push(hostname);
      return [{ address: '127.0.0.1' }];
    };
    const poster = await setUpPoster({ resolve });
    const url = receiver.url.replace('127.0.0.1', 'hooks.example');

    const outcome = await poster.post({ url, headers: [{ name: 'host', value: 'localhost' }], body: BODY });

    expect(asked).toEqual(['hooks.example']);
    expect(classify(outcome)).toBe('TLS_ERROR');
  });

  it('are refused by the block list on the socket too, over HTTP and over TLS', async () => {
    const receiver = await receiverThat();
    const { port } = new URL(receiver.url);
    const agents = createGuardedAgents({ allowHttp: true, allowedCidrs: LOOPBACK });
    const sockets = [agents.http, agents.https].map(
      (agent) =>
        agent.createConnection({ host: '127.0.0.1', port: Number(port) }) as Socket & { blockList: net.BlockList },
    );

    const lists = sockets.map(({ blockList }) => blockList);
    for (const socket of sockets) socket.on('error', () => {}).destroy();

    for (const list of lists) {
      expect(list.check('127.0.0.1')).toBe(false);
      expect(list.check('10.0.0.1')).toBe(true);
    }
  });

  it('never get a connection from a TLS socket that bears the block list', async () => {
    const receiver = await receiverThat();
    const { port } = new URL(receiver.url);
    const blockList = toBlockList([]);

    const socket = Object.assign(tls.connect({ host: '127.0.0.1', port: Number(port) }), { blockList });
    const failure = new Promise((resolve) => socket.once('error', resolve));

    expect(await failure).toHaveProperty('code', 'ERR_IP_BLOCKED');
    expect(receiver.connections).toBe(0);
  });

  it('may be localhost where one loopback address is open, without a look-up', async () => {
    const receiver = await receiverThat();
    const poster = await setUpPoster({ resolve: () => Promise.reject(new Error('looked up')) });

    const outcome = await poster.post({
      url: receiver.url.replace('127.0.0.1', 'localhost'),
      headers: HEADERS,
      body: BODY,
    });

    expect(classify(outcome)).toBe('SUCCEEDED');
  });
});
