import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { sign, verify, verifyWithFallback } from '@octokit/webhooks-methods';
import fc from 'fast-check';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { requestHeaders } from '../../src/dispatch/sign.js';

const secret = newSecret();
const previous = newSecret();
const body = JSON.stringify({
  id: 'evt_1',
  type: 'invoice.paid',
  data: { customer: 'Zoë', emoji: '🧾', total: '12 €' },
});
const rotated = signed({ previousSigningSecret: previous });

function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

function signed(changes: { body?: string; previousSigningSecret?: string } = {}): Record<string, string> {
  const headers = requestHeaders({
    body,
    eventId: 'evt_1',
    eventType: 'invoice.paid',
    deliveryId: 'dlv_1',
    attemptNumber: 1,
    signingSecret: secret,
    signatureFormat: 'SHA256',
    signatureHeader: 'X-RevKeen-Signature',
    userAgent: 'RevKeen-Webhooks/0.1.0',
    extraHeaders: [],
    now: new Date(),
    ...changes,
  });
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
}

/** The sample of the product page. */
function verifyWebhook(payload: string, signature: string, signingSecret: string): boolean {
  const expectedSignature = createHmac('sha256', signingSecret).update(payload).digest('hex');
  return timingSafeEqual(Buffer.from(signature), Buffer.from(`sha256=${expectedSignature}`));
}

describe.each([
  ['standardwebhooks', StandardWebhook],
  ['svix', SvixWebhook],
])('the library %s', (_name, Webhook) => {
  it('accepts what was signed', () => {
    expect(() => new Webhook(secret).verify(body, signed())).not.toThrow();
  });

  it('accepts it with either secret while a rotation lasts', () => {
    expect(() => new Webhook(secret).verify(body, rotated)).not.toThrow();
    expect(() => new Webhook(previous).verify(body, rotated)).not.toThrow();
  });

  it('refuses it with another secret, another body or another id', () => {
    expect(() => new Webhook(newSecret()).verify(body, rotated)).toThrow();
    expect(() => new Webhook(previous).verify(body, signed())).toThrow();
    expect(() => new Webhook(secret).verify(`${body} `, rotated)).toThrow();
    expect(() => new Webhook(secret).verify(body, { ...rotated, 'webhook-id': 'evt_2' })).toThrow();
  });
});

describe('the library @octokit/webhooks-methods', () => {
  it('accepts what was signed, and signs the same', async () => {
    expect(await verify(secret, body, signed()['x-revkeen-signature']!)).toBe(true);
    expect(await sign(secret, body)).toBe(signed()['x-revkeen-signature']);
  });

  it('accepts it with either secret while a rotation lasts', async () => {
    expect(await verify(secret, body, rotated['x-revkeen-signature']!)).toBe(true);
    expect(await verify(previous, body, rotated['x-revkeen-signature-previous']!)).toBe(true);
    expect(await verifyWithFallback(newSecret(), body, rotated['x-revkeen-signature']!, [secret])).toBe(true);
  });

  it('refuses it with another secret or another body', async () => {
    expect(await verify(newSecret(), body, rotated['x-revkeen-signature']!)).toBe(false);
    expect(await verify(secret, `${body} `, rotated['x-revkeen-signature']!)).toBe(false);
  });
});

describe("the product page's sample", () => {
  it('accepts what was signed', () => {
    expect(verifyWebhook(JSON.stringify(JSON.parse(body)), signed()['x-revkeen-signature']!, secret)).toBe(true);
  });
});

it('whatever the body, every library accepts it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), async (json) => {
      const text = JSON.stringify(JSON.parse(json));
      const headers = signed({ body: text });

      expect(() => new StandardWebhook(secret).verify(text, headers)).not.toThrow();
      expect(() => new SvixWebhook(secret).verify(text, headers)).not.toThrow();
      expect(await verify(secret, text, headers['x-revkeen-signature']!)).toBe(true);
    }),
  );
});
