import { createHmac } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { ReceivedRequest } from '../support/receiver.js';
import { setUp } from '../support/service.js';

const MASK = '••••••••';

it('has the settings of the service unless the endpoint has its own', async () => {
  await using setup = await setUp();
  const { api } = setup;

  const plain = await api.createEndpoint({ url: 'https://example.com/', allEvents: true });
  const nulls = { rateLimitPerSecond: null, retryScheduleSeconds: null };
  const alsoPlain = await api.createEndpoint({ url: 'https://example.com/', allEvents: true, ...nulls });
  const special = await api.createEndpoint({
    url: 'https://example.com/',
    allEvents: true,
    signatureFormat: 'TIMESTAMPED',
    headers: [
      { name: 'X-Tenant', value: ' 42 ' },
      { name: 'Authorization', value: 'Bearer hush', secret: true },
    ],
    rateLimitPerSecond: 10_000,
    retryScheduleSeconds: [0, 0.25, 604_800],
  });

  const defaults = {
    signatureFormat: 'SHA256',
    headers: [],
    rateLimitPerSecond: null,
    retryScheduleSeconds: [60, 300, 1_800, 7_200, 86_400],
  };
  expect(plain).toMatchObject(defaults);
  expect(alsoPlain).toMatchObject(defaults);
  expect(special).toMatchObject({
    signatureFormat: 'TIMESTAMPED',
    headers: [
      { name: 'X-Tenant', value: '42', secret: false },
      { name: 'Authorization', value: MASK, secret: true },
    ],
    rateLimitPerSecond: 10_000,
    retryScheduleSeconds: [0, 0.25, 604_800],
  });
  const { signingSecret, ...shown } = special;
  expect(await api.endpoint(special.id)).toEqual(shown);
});

it('tells by which header its requests are verified', async () => {
  await using setup = await setUp({ env: { SIGNATURE_HEADER: 'X-Acme-Signature' } });
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const query = 'query ($id: ID!) { endpoint(id: $id) { signatureHeader } }';

  const { endpoint } = await api.request<{ endpoint: { signatureHeader: string } }>(query, { id });

  expect(endpoint.signatureHeader).toBe('X-Acme-Signature');
  await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });
  const [request] = await receiver.receive(1);
  expect(request!.headers[endpoint.signatureHeader.toLowerCase()]).toMatch(/^sha256=/);
});

it('leaves settings as they are when left out, and clears those with null that may be missing', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '90s,1500ms' } });
  const { api } = setup;
  const { id, signingSecret, ...created } = await api.createEndpoint({
    url: 'https://example.com/',
    allEvents: true,
    signatureFormat: 'TIMESTAMPED',
    headers: [{ name: 'X-Tenant', value: '42' }],
    rateLimitPerSecond: 5,
    retryScheduleSeconds: [1, 2],
  });

  const described = await api.updateEndpoint({ id, description: 'New' });
  expect(described.endpoint).toEqual({ ...created, id, description: 'New', version: 2 });

  const cleared = await api.updateEndpoint({ id, rateLimitPerSecond: null, retryScheduleSeconds: null, headers: [] });
  expect(cleared.endpoint).toEqual({
    ...described.endpoint,
    rateLimitPerSecond: null,
    retryScheduleSeconds: [90, 1.5],
    headers: [],
    version: 3,
  });

  const none = await api.updateEndpoint({ id, retryScheduleSeconds: [], signatureFormat: 'SHA256' });
  expect(none.endpoint).toEqual({
    ...cleared.endpoint,
    retryScheduleSeconds: [],
    signatureFormat: 'SHA256',
    version: 4,
  });
  expect(await api.endpoint(id)).toEqual(none.endpoint);
});

it('dates the signature header on request, and signs for Standard Webhooks beside it', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const created = { url: receiver.url, allEvents: true, signatureFormat: 'TIMESTAMPED' };
  const { id, signingSecret } = await api.createEndpoint(created);

  await api.publishEvent('invoice.paid', { customer: 'Zoë' });
  const [timestamped] = await receiver.receive(1);
  const seconds = timestamped!.headers['webhook-timestamp'] as string;
  expect(Math.abs(Number(seconds) * 1_000 - timestamped!.receivedAt.getTime())).toBeLessThan(10_000);
  const hex = createHmac('sha256', signingSecret).update(`${seconds}.${timestamped!.rawBody}`).digest('hex');
  expect(timestamped!.headers['x-revkeen-signature']).toBe(`t=${seconds},v1=${hex}`);
  expect(() => verify(signingSecret, timestamped!)).not.toThrow();

  await api.updateEndpoint({ id, signatureFormat: 'SHA256' });
  await api.publishEvent('invoice.paid');
  const [plain] = await receiver.receive(1, { after: 1 });
  const plainHex = createHmac('sha256', signingSecret).update(plain!.rawBody).digest('hex');
  expect(plain!.headers['x-revkeen-signature']).toBe(`sha256=${plainHex}`);
  expect(() => verify(signingSecret, plain!)).not.toThrow();
});

it('applies new settings to the next attempt of a delivery that is on its way', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  receiver.answer({ status: 500 });
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  const { id: deliveryId } = await api.deliveryOf(event, ({ status }) => status === 'RETRYING');

  const headers = [{ name: 'X-Tenant', value: '42' }];
  await api.updateEndpoint({ id, headers, signatureFormat: 'TIMESTAMPED', retryScheduleSeconds: [0] });
  await api.retryDelivery(deliveryId);

  const [, second] = await receiver.receive(2);
  expect(second!.headers).toMatchObject({ 'x-tenant': '42', 'x-revkeen-signature': expect.stringMatching(/^t=/) });
});

it('keeps the settings through a rotation', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id, signingSecret: old } = await api.createEndpoint({
    url: receiver.url,
    allEvents: true,
    signatureFormat: 'TIMESTAMPED',
    headers: [{ name: 'Authorization', value: 'Bearer correct-horse', secret: true }],
  });

  const { endpoint, signingSecret } = await api.rotateSigningSecret({ id, overlapHours: 1 });
  await api.publishEvent('invoice.paid');

  expect(endpoint).toMatchObject({ signatureFormat: 'TIMESTAMPED', headers: [{ value: MASK, secret: true }] });
  const [{ headers, rawBody } = {} as ReceivedRequest] = await receiver.receive(1);
  const signatureBy = (secret: string) => {
    const seconds = headers['webhook-timestamp'];
    return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${rawBody}`).digest('hex')}`;
  };
  expect(headers).toMatchObject({
    authorization: 'Bearer correct-horse',
    'x-revkeen-signature': signatureBy(signingSecret!),
    'x-revkeen-signature-previous': signatureBy(old),
  });
});

it('retries an endpoint on its own schedule', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  receiver.answer({ status: 500 });
  const subscribed = { url: receiver.url, allEvents: true };
  const { id } = await api.createEndpoint({ ...subscribed, retryScheduleSeconds: [0.2] });

  const twice = await api.deliveryOf(await api.publishEvent('invoice.paid'), ({ status }) => status === 'FAILED');
  expect(twice.attempts.map(({ trigger }) => trigger)).toEqual(['SCHEDULED', 'SCHEDULED']);
  const [first, second] = twice.attempts.map(({ startedAt }) => new Date(startedAt).getTime());
  expect(second! - first!).toBeGreaterThanOrEqual(200);

  await api.updateEndpoint({ id, retryScheduleSeconds: [] });
  const once = await api.deliveryOf(await api.publishEvent('invoice.paid'), ({ attemptCount }) => attemptCount > 0);
  expect(once).toMatchObject({ status: 'FAILED', attemptCount: 1 });

  await api.updateEndpoint({ id, retryScheduleSeconds: null });
  const asUsual = await api.deliveryOf(await api.publishEvent('invoice.paid'), ({ attemptCount }) => attemptCount > 0);
  const { startedAt, responseTimeMs } = asUsual.attempts[0]!;
  expect(asUsual.status).toBe('RETRYING');
  expect(asUsual.nextAttemptAt).toBe(new Date(new Date(startedAt).getTime() + responseTimeMs + 60_000).toISOString());
});

it('retries one endpoint at once and another never, for the same event', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '' } });
  const { api, receiver } = setup;
  receiver.answer({ status: 500 });
  const subscribed = { url: receiver.url, allEvents: true };
  const eager = await api.createEndpoint({ ...subscribed, retryScheduleSeconds: [0, 0] });
  const plain = await api.createEndpoint(subscribed);
  expect(plain.retryScheduleSeconds).toEqual([]);

  const event = await api.publishEvent('invoice.paid');

  const isFailed = ({ status }: { status: string }) => status === 'FAILED';
  expect(await api.deliveryOf(event, isFailed, eager.id)).toMatchObject({ attemptCount: 3 });
  expect(await api.deliveryOf(event, isFailed, plain.id)).toMatchObject({ attemptCount: 1 });
});

/** By the library of Standard Webhooks, the age of the request included. */
function verify(secret: string, { headers, rawBody }: ReceivedRequest): void {
  new Webhook(secret).verify(rawBody, headers as Record<string, string>);
}
