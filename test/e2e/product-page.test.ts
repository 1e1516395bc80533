import crypto from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import express from 'express';
import fc from 'fast-check';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startProcess } from '../support/processes.js';
import { API_KEY, testEnvironment } from '../support/service.js';

const VALUES = 300;

/** What the product page gives developers to copy. */
function verifyWebhook(payload: string, signature: string, secret: string): boolean {
  const expectedSignature = crypto.createHmac('sha256', secret).update(payload).digest('hex');
  return crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(`sha256=${expectedSignature}`));
}

/** A developer's own receiver, made as the product page says. */
interface DeveloperReceiver {
  readonly url: string;
  /** The signing secret, once it is known. */
  secret: string;
  /** The bodies it accepted, by the ids of their events, as it would write them. */
  readonly accepted: Map<string, string>;
  /** The bodies it refused. */
  readonly refused: string[];
  close(): void;
}

async function startDeveloperReceiver(): Promise<DeveloperReceiver> {
  const accepted = new Map<string, string>();
  const refused: string[] = [];
  const app = express();
  app.use(express.json({ limit: '1mb' }));
  app.post('/webhooks/revkeen', (req, res) => {
    const signature = req.headers['x-revkeen-signature'] as string;
    const isValid = verifyWebhook(JSON.stringify(req.body), signature, receiver.secret);
    if (!isValid) {
      refused.push(JSON.stringify(req.body));
      return res.status(401).send('Invalid signature');
    }
    accepted.set(req.body.id, JSON.stringify(req.body));
    return res.sendStatus(204);
  });
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: DeveloperReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/revkeen`,
    secret: '',
    accepted,
    refused,
    close: () => server.close().closeAllConnections(),
  };
  return receiver;
}

async function setUp() {
  const opened = new AsyncDisposableStack();
  try {
    const receiver = opened.adopt(await startDeveloperReceiver(), (one) => one.close());
    const database = opened.adopt(await createDatabase(), (one) => one.drop());
    const env = { ...testEnvironment(database.url), WEBHOOK_ALLOW_HTTP: 'true' };
    const api = opened.use(await startProcess({ env })).api(API_KEY);
    const { signingSecret } = await api.createEndpoint({ url: receiver.url, allEvents: true });
    receiver.secret = signingSecret;
    const closing = opened.move();
    return { api, receiver, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  } finally {
    await opened.disposeAsync();
  }
}

it('accepts whatever is published, byte for byte', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const seed = Number(process.env.SEED ?? crypto.randomInt(2 ** 31));
  const values = fc.sample(anyData(), { numRuns: VALUES, seed });

  const { results, userErrors } = await api.publishEvents(values.map((data) => ({ type: 'invoice.paid', data })));
  expect({ seed, userErrors }).toEqual({ seed, userErrors: [] });
  await eventually('all received', async () => receiver.accepted.size + receiver.refused.length >= VALUES);

  expect({ seed, refused: receiver.refused }).toEqual({ seed, refused: [] });
  for (const [index, { event }] of results.entries()) {
    const asPublished = JSON.parse(JSON.stringify(values[index]));
    expect(receiver.accepted.get(event!.id)).toBe(event!.body);
    expect(JSON.stringify(JSON.parse(event!.body).data)).toBe(JSON.stringify(asPublished));
  }
});

it('refuses what was tampered with', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const event = await api.publishEvent('invoice.paid', { amount: 100 });
  const { attempts } = await api.deliveryOf(event);
  const headers = Object.fromEntries(attempts[0]!.requestHeaders.map(({ name, value }) => [name, value]));
  const send = (body: string, secret = receiver.secret) => {
    receiver.secret = secret;
    return fetch(receiver.url, { method: 'POST', headers, body }).then(({ status }) => status);
  };

  expect(await send(event.body)).toBe(204);
  expect(await send(event.body.replace('100', '900'))).toBe(401);
  expect(await send(event.body.replace('"livemode":true', '"livemode":false'))).toBe(401);
  expect(await send(event.body, 'whsec_of-somebody-else')).toBe(401);
});

/** Data as wild as JSON gets: any text, any number, any key, deep and wide. JSON's own `null` is no data at all. */
function anyData(): fc.Arbitrary<unknown> {
  const anyText = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    // Any code units, lone surrogates among them.
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
    fc.constantFrom('', '\0', '\ud800', '\udc00\ud800', '\u2028', '__proto__', 'constructor', 'toJSON', '</script>'),
  );
  const anyNumber = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.constantFrom(-0, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 2 ** 53, 0.1 + 0.2),
  );
  const anyKey = fc.oneof(anyText, fc.constantFrom('10', '9', '-1', '01', '4294967295', '1e21', 'id', 'data'));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      anyText,
      anyNumber,
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(anyKey, tie('value'), { maxKeys: 6 }),
    ),
  }));
  const deep = fc
    .tuple(fc.integer({ min: 100, max: 500 }), value, anyKey)
    .map(([depth, core, key]) =>
      Array.from({ length: depth }).reduce<unknown>(
        (inner, _, level) => (level % 2 ? [inner] : Object.fromEntries([[key, inner]])),
        core,
      ),
    );
  return fc
    .oneof({ weight: 20, arbitrary: value }, { weight: 1, arbitrary: deep }, { weight: 1, arbitrary: fc.constant({}) })
    .filter((data) => data !== null);
}
