import { createHmac } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { ReceivedRequest } from '../support/receiver.js';
import { setUp } from '../support/service.js';

const HOUR_MS = 3_600_000;

it('gives every endpoint a secret of its own, which create and reveal show and nothing else does', async () => {
  await using setup = await setUp();
  const { api } = setup;
  const one = await api.createEndpoint({ url: 'https://example.com/', allEvents: true });
  const other = await api.createEndpoint({ url: 'https://example.com/', allEvents: true });

  expect(one.signingSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(other.signingSecret).not.toBe(one.signingSecret);
  expect(one.signingSecret.endsWith(one.signingSecretHint)).toBe(true);
  expect(one.signingSecretHint.length).toBeLessThan(10);
  expect(await api.revealSigningSecret(one.id)).toEqual({ signingSecret: one.signingSecret, userErrors: [] });
  const { __type } = await api.request<{ __type: { fields: { name: string }[] } }>(
    '{ __type(name: "WebhookEndpoint") { fields { name } } }',
  );
  const secretFields = __type.fields.map(({ name }) => name).filter((name) => /secret/i.test(name));
  expect(secretFields.sort()).toEqual(['previousSecretExpiresAt', 'signingSecretHint']);
});

it('signs so that the product page and any Standard Webhooks library verify it', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { signingSecret } = await api.createEndpoint({ url: receiver.url, allEvents: true });

  const event = await api.publishEvent('invoice.paid', { customer: 'Zoë', total: 1e21, '2': null, '1': '\0' });

  const [request] = await receiver.receive(1);
  expect(request).toMatchObject({
    method: 'POST',
    rawBody: event.body,
    headers: {
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^RevKeen-Webhooks\/\d+\.\d+\.\d+$/),
      'x-revkeen-signature': productSignature(signingSecret, JSON.stringify(JSON.parse(event.body))),
      'x-revkeen-event': 'invoice.paid',
      'x-revkeen-delivery': (await api.deliveryOf(event)).id,
      'x-revkeen-attempt': '1',
      'webhook-id': event.id,
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
    },
  });
  expect(request!.headers).not.toHaveProperty('x-revkeen-signature-previous');
  expect(() => verify(signingSecret, request!)).not.toThrow();
});

it('signs with both secrets while a rotation lasts, and with the new one after it', async () => {
  const clock = { nowMs: Date.now(), now: () => clock.nowMs };
  await using setup = await setUp({ clock });
  const { api, receiver } = setup;
  const { id, signingSecret: old, version } = await api.createEndpoint({ url: receiver.url, allEvents: true });

  const { endpoint, signingSecret } = await api.rotateSigningSecret({ id, overlapHours: 2 });
  expect(signingSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(signingSecret).not.toBe(old);
  expect(endpoint).toMatchObject({
    version: version + 1,
    previousSecretExpiresAt: new Date(clock.nowMs + 2 * HOUR_MS).toISOString(),
  });
  expect(signingSecret!.endsWith(endpoint!.signingSecretHint)).toBe(true);
  expect((await api.revealSigningSecret(id)).signingSecret).toBe(signingSecret);

  clock.nowMs += 2 * HOUR_MS - 1;
  await api.publishEvent('invoice.paid');
  const [during] = await receiver.receive(1);
  expect(during!.headers).toMatchObject({
    'x-revkeen-signature': productSignature(signingSecret!, during!.rawBody),
    'x-revkeen-signature-previous': productSignature(old, during!.rawBody),
    'webhook-signature': expect.stringMatching(/^v1,\S+ v1,\S+$/),
  });
  expect(() => verify(signingSecret!, during!)).not.toThrow();
  expect(() => verify(old, during!)).not.toThrow();

  clock.nowMs += 1;
  await api.publishEvent('invoice.paid');
  const [after] = await receiver.receive(1, { after: 1 });
  expect(after!.headers).not.toHaveProperty('x-revkeen-signature-previous');
  expect(() => verify(signingSecret!, after!)).not.toThrow();
  expect(() => verify(old, after!)).toThrow();
  expect((await api.endpoint(id))!.previousSecretExpiresAt).toBeNull();
});

it('overlaps for a day unless told otherwise, and not at all when told so', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id, signingSecret: first } = await api.createEndpoint({ url: receiver.url, allEvents: true });

  const byDefault = await api.rotateSigningSecret({ id });
  const expiresInMs = new Date(byDefault.endpoint!.previousSecretExpiresAt!).getTime() - Date.now();
  expect(Math.abs(expiresInMs - 24 * HOUR_MS)).toBeLessThan(60_000);

  const atOnce = await api.rotateSigningSecret({ id, overlapHours: 0 });
  expect(atOnce.endpoint!.previousSecretExpiresAt).toBeNull();
  await api.publishEvent('invoice.paid');
  const [request] = await receiver.receive(1);
  expect(request!.headers).not.toHaveProperty('x-revkeen-signature-previous');
  expect(() => verify(atOnce.signingSecret!, request!)).not.toThrow();
  for (const secret of [first, byDefault.signingSecret!]) expect(() => verify(secret, request!)).toThrow();
});

it('refuses overlaps of less than nothing or more than a week, and keeps the secret', async () => {
  await using setup = await setUp();
  const { api } = setup;
  const { id, signingSecret } = await api.createEndpoint({ url: 'https://example.com/', allEvents: true });

  for (const overlapHours of [-1, 169]) {
    expect(await api.rotateSigningSecret({ id, overlapHours })).toEqual({
      endpoint: null,
      signingSecret: null,
      userErrors: [{ field: ['input', 'overlapHours'], code: 'INVALID', message: expect.stringContaining('168') }],
    });
  }

  expect((await api.revealSigningSecret(id)).signingSecret).toBe(signingSecret);
  expect((await api.rotateSigningSecret({ id, overlapHours: 168 })).userErrors).toEqual([]);
});

/** As on the product page. */
function productSignature(secret: string, payload: string): string {
  return `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`;
}

/** By Standard Webhooks. Timestamps are not looked at, since clocks move by hand. */
function verify(secret: string, { headers, rawBody }: ReceivedRequest): void {
  const id = headers['webhook-id'] as string;
  const signedAt = new Date(Number(headers['webhook-timestamp']) * 1_000);
  const expected = new Webhook(secret).sign(id, signedAt, rawBody);
  if (!(headers['webhook-signature'] as string).split(' ').includes(expected)) throw new Error('does not verify');
}
