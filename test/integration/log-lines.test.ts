import { expect, it } from '@jest/globals';
import { createLog } from '../../src/log.js';
import { eventually } from '../support/eventually.js';
import { type Setup, setUp } from '../support/service.js';

type Line = Record<string, unknown> & { msg: string };

/** A service whose log is read as it is written. */
async function listen(env: Record<string, string> = {}): Promise<Setup & { lines: Line[]; said(msg: string): Line[] }> {
  const lines: Line[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const setup = await setUp({ env, log: createLog({ level: 'debug', destination }) });
  return { ...setup, lines, said: (wanted) => lines.filter(({ msg }) => msg === wanted) };
}

it('says in a line each what was published and what came of every attempt', async () => {
  await using setup = await listen({ RETRY_SCHEDULE: '50ms,1h' });
  const { api, receiver, said } = setup;
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  receiver.answer((_request, _response, count) => (count === 1 ? { status: 503 } : { delayMs: 5 }));

  const event = await api.publishEvent('invoice.paid', { note: 'hush' });
  const delivery = await api.deliveryOf(event);

  expect(said('events published')).toEqual([
    {
      level: 'debug',
      time: expect.any(String),
      accountId: 'default',
      events: 1,
      durationMs: expect.any(Number),
      eventIds: [event.id],
      eventTypes: ['invoice.paid'],
      deliveries: 1,
      duplicates: 0,
      msg: 'events published',
    },
  ]);
  const ids = { accountId: 'default', eventId: event.id, endpointId: endpoint.id, deliveryId: delivery.id };
  const attempt = { ...ids, eventType: 'invoice.paid', trigger: 'SCHEDULED', responseTimeMs: expect.any(Number) };
  await eventually('two lines', async () => said('attempt settled').length === 2);
  expect(said('attempt settled')).toMatchObject([
    { ...attempt, level: 'info', attempt: 1, outcome: 'HTTP_ERROR', statusCode: 503, status: 'RETRYING' },
    { ...attempt, level: 'debug', attempt: 2, outcome: 'SUCCEEDED', statusCode: 200, status: 'SUCCEEDED' },
  ]);
  expect(said('attempt settled')[0]).toHaveProperty('nextAttemptAt');
});

it('says of a batch how much it is, and of the first few which', async () => {
  await using setup = await listen();
  const { api, said } = setup;
  const one = { type: 'invoice.paid', data: {}, idempotencyKey: 'once' };

  const { results } = await api.publishEvents([one, one, ...Array(28).fill({ type: 'payment.failed', data: {} })]);

  const [line] = said('events published');
  expect(said('events published')).toHaveLength(1);
  expect(line).toMatchObject({
    events: 30,
    duplicates: 1,
    deliveries: 0,
    eventTypes: ['invoice.paid', 'payment.failed'],
  });
  expect(line!.eventIds).toEqual(results.slice(0, 10).map(({ event }) => event!.id));
});

it('says what was refused, without the values', async () => {
  await using setup = await listen();
  const { api, lines, said } = setup;

  await api.tryToPublish({ type: 'hush.hush', data: { hush: true } });
  await api.sendTestEvent({ endpointId: 'ep_hush', type: 'invoice.paid' });

  expect(said('events refused')).toMatchObject([
    { level: 'info', accountId: 'default', events: 1, codes: ['UNKNOWN_EVENT_TYPE'] },
    { level: 'info', accountId: 'default', events: 1, test: true, codes: ['NOT_FOUND'] },
  ]);
  expect(JSON.stringify(lines)).not.toContain('hush');
});

it('says everything that somebody changed', async () => {
  await using setup = await listen({ RETRY_SCHEDULE: '1h' });
  const { api, receiver, said, lines } = setup;
  receiver.answer({ status: 500 });
  const { id: endpointId, signingSecret } = await api.createEndpoint({
    url: receiver.url,
    allEvents: true,
    headers: [{ name: 'x-token', value: 'hush-hush-hush', secret: true }],
  });
  await api.updateEndpoint({ id: endpointId, description: 'Ours' });
  const { signingSecret: next } = await api.rotateSigningSecret({ id: endpointId, overlapHours: 1 });
  await api.revealSigningSecret(endpointId);
  const event = await api.publishEvent('invoice.paid');
  const { id: deliveryId } = await api.deliveryOf(event, ({ status }) => status === 'RETRYING');
  await api.retryDelivery(deliveryId);
  await api.deliveryOf(event, ({ attemptCount }) => attemptCount === 2);
  await api.disableEndpoint(endpointId);
  await api.disableEndpoint(endpointId);
  await api.enableEndpoint(endpointId);
  const { bulkRetry } = await api.retryDeliveries({ filter: { endpointIds: [endpointId] } });
  await eventually('a bulk retry is over', async () => said('bulk retry completed').length > 0);
  const { id: keyId, key } = await api.createApiKey(['events:read']);
  await api.revokeApiKey(keyId);
  await api.deleteEndpoint(endpointId);

  const about = lines.filter(({ level, msg }) => level === 'info' && msg !== 'attempt settled');
  expect(about.map(({ time, level, accountId, ...line }) => line)).toEqual([
    { msg: 'endpoint created', endpointId, version: 1 },
    { msg: 'endpoint changed', endpointId, version: 2 },
    { msg: 'signing secret rotated', endpointId, version: 3 },
    { msg: 'signing secret revealed', endpointId, version: 3 },
    { msg: 'delivery retried by hand', eventId: event.id, endpointId, deliveryId, status: 'RETRYING', attempts: 1 },
    { msg: 'endpoint disabled', endpointId, reason: 'MANUAL', held: 1 },
    { msg: 'endpoint enabled', endpointId, released: 1 },
    { msg: 'bulk retry started', bulkRetryId: bulkRetry!.id, total: 1 },
    { msg: 'bulk retry completed', bulkRetryId: bulkRetry!.id, total: 1 },
    { msg: 'API key created', keyId, scopes: ['events:read'] },
    { msg: 'API key revoked', keyId },
    { msg: 'endpoint deleted', endpointId, version: expect.any(Number) },
  ]);
  expect(new Set(about.map(({ accountId }) => accountId))).toEqual(new Set(['default']));
  for (const secret of [signingSecret, next, key, 'hush']) expect(JSON.stringify(lines)).not.toContain(secret);
});

it('says that an endpoint which is gone was disabled, and what it holds', async () => {
  await using setup = await listen();
  const { api, receiver, said } = setup;
  const { id: endpointId } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  receiver.answer({ status: 410 });

  const event = await api.publishEvent('invoice.paid');
  await api.deliveryOf(event, ({ status }) => status === 'HELD');
  await eventually('a line', async () => said('endpoint disabled').length > 0);

  expect(said('attempt settled')).toMatchObject([{ outcome: 'HTTP_ERROR', statusCode: 410, status: 'HELD' }]);
  expect(said('endpoint disabled')).toMatchObject([{ accountId: 'default', endpointId, reason: 'GONE' }]);
});
