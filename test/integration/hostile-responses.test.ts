import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AttemptView } from '../support/api.js';
import {
  ATTEMPT_TIMEOUT_MS,
  answered,
  BROKEN,
  COMPLETE,
  ENDLESS,
  HEAD_TOO_LARGE,
  MEGABYTE,
  OK,
  PACKED,
  SILENT,
  says,
  TEXTS,
} from '../support/hostile-answers.js';
import { type RawAnswer, type RawReceiver, startRawReceiver } from '../support/raw-receiver.js';
import { type Setup, setUp } from '../support/service.js';

let setup: Setup;
const receivers: Record<'http' | 'https', RawReceiver> = {} as never;

beforeAll(async () => {
  for (const scheme of ['http', 'https'] as const) {
    receivers[scheme] = await startRawReceiver({ isTls: scheme === 'https' });
  }
  const env = {
    WEBHOOK_ALLOW_HTTP: 'true',
    RETRY_SCHEDULE: '1h',
    ATTEMPT_TIMEOUT: `${ATTEMPT_TIMEOUT_MS}ms`,
    // Every answer is waited for at the same time.
    RATE_LIMIT: 'off',
  };
  setup = await setUp({ env });
});

afterAll(async () => {
  await setup?.[Symbol.asyncDispose]();
  for (const receiver of Object.values(receivers)) await receiver.close();
});

/** What came of an event that was answered like that, and of the one after it, which is answered as it should be. */
async function deliver(
  path: string,
  answer: RawAnswer,
  { scheme = 'http', type = 'invoice.paid' }: { scheme?: 'http' | 'https'; type?: string } = {},
): Promise<{ first: AttemptView; receiver: RawReceiver }> {
  const { api } = setup;
  const receiver = receivers[scheme];
  receiver.answer(path, (socket, count) => {
    if (count === 1) answer(socket, count);
    else socket.write('HTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\nsecond');
  });
  const { id } = await api.createEndpoint({ url: `${receiver.url}${path}`, eventTypes: [type] });
  const attempted = ({ attemptCount }: { attemptCount: number }) => attemptCount > 0;
  const event = await api.publishEvent(type);
  await api.deliveryOf(event, attempted, id, 20_000);

  const { attempts } = await api.deliveryOf(await api.publishEvent(type), attempted, id, 20_000);

  expect(attempts).toMatchObject([answered(201, 'second')]);
  const before = await api.deliveryOf(event, attempted, id);
  expect(before.attempts).toHaveLength(1);
  expect(before.status).toBe(before.attempts[0]!.outcome === 'SUCCEEDED' ? 'SUCCEEDED' : 'RETRYING');
  expect(receiver.requests(path)).toHaveLength(2);
  await api.deleteEndpoint(id);
  return { first: before.attempts[0]!, receiver };
}

let pathCount = 0;

function newPath(): string {
  pathCount += 1;
  return `/${pathCount}`;
}

describe('a complete answer counts, whatever comes with it:', () => {
  it.each(COMPLETE)('%s', async (_what, answer, expected) => {
    expect((await deliver(newPath(), answer)).first).toMatchObject(expected);
  });

  it.each(
    COMPLETE.filter(([what]) =>
      /^(garbage after the|garbage after an answer|a body after a 204|two|an end)/.test(what),
    ),
  )('%s, over TLS', async (_what, answer, expected) => {
    expect((await deliver(newPath(), answer, { scheme: 'https' })).first).toMatchObject(expected);
  });

  it('a reset right after it, if the answer got through', async () => {
    const { first } = await deliver(newPath(), (socket) => socket.write(OK, () => socket.resetAndDestroy()));

    // What a network does with bytes that a reset overtakes is its own affair.
    if (first.responseStatusCode === null) expect(first.outcome).toBe('CONNECTION_ERROR');
    else expect(first).toMatchObject(answered(200, 'ok'));
  });
});

describe('what is no complete answer is an error of the connection:', () => {
  it.each(BROKEN)('%s', async (_what, answer, expected) => {
    expect((await deliver(newPath(), answer)).first).toMatchObject(expected);
  });

  it.each(BROKEN.slice(0, 3))('%s, over TLS', async (_what, answer, expected) => {
    expect((await deliver(newPath(), answer, { scheme: 'https' })).first).toMatchObject(expected);
  });
});

describe('what goes on for ever is cut off:', () => {
  it.each(ENDLESS)('%s', async (_what, answer, expected) => {
    const path = newPath();

    const { first, receiver } = await deliver(path, answer);

    expect(first).toMatchObject(expected);
    // One is read; the rest waited in buffers along the way.
    expect(receiver.bytesSent(path)).toBeLessThan(64 * MEGABYTE);
  });

  it.each(ENDLESS.filter(([what]) => /^(a body|early hints)$/.test(what)))(
    '%s, over TLS',
    async (_what, answer, expected) => {
      const path = newPath();

      const { first, receiver } = await deliver(path, answer, { scheme: 'https' });

      expect(first).toMatchObject(expected);
      expect(receiver.bytesSent(path)).toBeLessThan(64 * MEGABYTE);
    },
  );

  it('whatever does not hurry is a time-out', async () => {
    const types = ['invoice.paid', 'payment.failed', 'customer.created', 'chargeback.lost'];

    const seen = await Promise.all(
      SILENT.map(([, answer], index) => deliver(newPath(), answer, { type: types[index]! })),
    );

    expect(seen.map(({ first }) => first)).toMatchObject(
      SILENT.map(([, , expected]) => ({ ...expected, outcome: 'TIMEOUT' })),
    );
    for (const { first } of seen) expect(first.responseTimeMs).toBeGreaterThanOrEqual(ATTEMPT_TIMEOUT_MS - 50);
  });
});

describe('what is kept can be stored, shown, and is bounded:', () => {
  it.each(TEXTS)('%s in a body', async (_what, body, expected) => {
    const answer = says(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`, body);

    expect((await deliver(newPath(), answer)).first).toMatchObject({ outcome: 'SUCCEEDED', responseBody: expected });
  });

  it.each(PACKED)('a bomb of %s, as it is', async (encoding, body) => {
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\n\r\n`;

    const { first } = await deliver(newPath(), says(head, body));

    expect(first).toMatchObject({ outcome: 'SUCCEEDED', responseBodyTruncated: false });
    expect(first.responseBody).toBe(body.toString('utf8').replaceAll('\0', '\ufffd'));
    expect(first.responseHeaders).toContainEqual({ name: 'content-encoding', value: encoding, secret: false });
  });

  it('a header of 15 KiB', async () => {
    const value = 'x'.repeat(15 * 1024);

    const { first } = await deliver(newPath(), says(`HTTP/1.1 200 OK\r\nX-A: ${value}\r\nContent-Length: 0\r\n\r\n`));

    expect(first.responseHeaders).toContainEqual({ name: 'x-a', value, secret: false });
  });

  it('a header of 100 KiB, which is refused', async () => {
    const answer = says(`HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(100 * 1024)}\r\nContent-Length: 0\r\n\r\n`);

    expect((await deliver(newPath(), answer)).first).toMatchObject(HEAD_TOO_LARGE);
  });

  it('thousands of headers, of which the first thousand are kept', async () => {
    const answer = says(`HTTP/1.1 200 OK\r\n${'a:b\r\n'.repeat(5_000)}Content-Length: 0\r\n\r\n`);

    const { first } = await deliver(newPath(), answer);

    expect(first.outcome).toBe('SUCCEEDED');
    expect(first.responseHeaders).toHaveLength(1_000);
  });

  it('a header with control characters beyond ASCII', async () => {
    const answer = says(Buffer.from('HTTP/1.1 200 OK\r\nX-A: a\x9b31m\xff\r\nContent-Length: 0\r\n\r\n', 'latin1'));

    const { first } = await deliver(newPath(), answer);

    expect(first.responseHeaders).toContainEqual({ name: 'x-a', value: 'a\x9b31m\xff', secret: false });
  });
});

describe('what comes ahead of a request is not taken for its answer:', () => {
  it.each([
    ['an answer', 'HTTP/1.1 500 Poison\r\nContent-Length: 6\r\n\r\npoison'],
    ['half of an answer', 'HTTP/1.1 500 Poison\r\nContent-Length: 600\r\n\r\npoison'],
    ['garbage', 'poison'],
  ])('%s', async (_what, poison) => {
    const { api } = setup;
    const receiver = receivers.http;
    const path = newPath();
    const connections: Socket[] = [];
    receiver.answer(path, (socket) => {
      connections.push(socket);
      socket.write(OK);
    });
    const { id } = await api.createEndpoint({ url: `${receiver.url}${path}`, eventTypes: ['invoice.paid'] });
    await api.deliveryOf(await api.publishEvent('invoice.paid'));
    const [idle] = connections;
    const closed = once(idle!, 'close');

    idle!.write(poison);
    await closed;

    const { attempts } = await api.deliveryOf(
      await api.publishEvent('invoice.paid'),
      ({ attemptCount }) => attemptCount > 0,
    );
    expect(attempts).toMatchObject([answered(200, 'ok')]);
    expect(new Set(connections).size).toBe(2);
    await api.deleteEndpoint(id);
  });
});
