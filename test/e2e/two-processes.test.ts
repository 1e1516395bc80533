import { rm } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { ApiClient } from '../support/api.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type ServiceProcess, startProcess } from '../support/processes.js';
import { type ReceivedRequest, type Receiver, startReceiver } from '../support/receiver.js';
import { API_KEY, testEnvironment, writeCa } from '../support/service.js';

/** One process that only answers the API, others that only dispatch, one database, and a receiver over HTTPS. */
interface Setup extends AsyncDisposable {
  api: ApiClient;
  receiver: Receiver;
  startDispatcher(): Promise<ServiceProcess>;
}

async function setUp(env: Record<string, string> = {}): Promise<Setup> {
  const opened = new AsyncDisposableStack();
  try {
    const receiver = opened.adopt(await startReceiver(), (one) => one.close());
    const database = opened.adopt(await createDatabase(), (one) => one.drop());
    const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
    const environment = { ...testEnvironment(database.url), WEBHOOK_CA_FILE: caFile, ...env };
    const start = (role: string) => startProcess({ env: { ...environment, ROLES: role } });
    const api = opened.use(await start('api')).api(API_KEY);
    const closing = opened.move();
    return {
      api,
      receiver,
      startDispatcher: async () => closing.use(await start('dispatcher')),
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  } finally {
    await opened.disposeAsync();
  }
}

it('registers, publishes, delivers, retries, and has it all in the log', async () => {
  await using setup = await setUp({ RETRY_SCHEDULE: '300ms,1h' });
  const { api, receiver, startDispatcher } = setup;
  await startDispatcher();
  const endpoint = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid', 'payment.failed'] });

  const event = await api.publishEvent('invoice.paid', { amount: 1200, currency: 'eur', note: 'Zoë 🧾' });
  const delivered = await api.deliveryOf(event);
  const [request] = await receiver.receive(1);

  expect(new Webhook(endpoint.signingSecret).verify(request!.rawBody, headersOf(request!))).toMatchObject({
    id: event.id,
    type: 'invoice.paid',
    livemode: true,
    data: { amount: 1200, currency: 'eur', note: 'Zoë 🧾' },
  });
  expect(request!.rawBody).toBe(event.body);
  expect(request!.headers['x-revkeen-delivery']).toBe(delivered.id);

  receiver.answer((_request, _response, count) => (count <= 3 ? { status: 503, body: 'closed' } : { status: 204 }));
  const failing = await api.publishEvent('payment.failed');
  const retrying = await api.deliveryOf(failing, ({ attemptCount }) => attemptCount === 2);
  expect(retrying).toMatchObject({ status: 'RETRYING', completedAt: null });
  const retried = await api.retryDelivery(retrying.id);
  expect(retried.userErrors).toEqual([]);
  const succeeded = await api.deliveryOf(failing);

  expect(succeeded.attempts).toMatchObject([
    { number: 1, trigger: 'SCHEDULED', responseStatusCode: 503, responseBody: 'closed', requestBody: failing.body },
    { number: 2, trigger: 'SCHEDULED', responseStatusCode: 503, responseBody: 'closed', requestBody: failing.body },
    { number: 3, trigger: 'MANUAL', responseStatusCode: 204, responseBody: '', requestBody: failing.body },
  ]);
  expect(receiver.requests.map(({ headers }) => headers['x-revkeen-attempt'])).toEqual(['1', '1', '2', '3']);
  expect((await api.deliveries({ endpointIds: [endpoint.id] })).map(({ event: { id } }) => id)).toEqual([
    failing.id,
    event.id,
  ]);
  expect(await api.endpoint(endpoint.id)).toMatchObject({ status: 'ACTIVE', successRate: 1 });
});

it('answers a test event with its result, although another process sends it', async () => {
  await using setup = await setUp();
  const { api, receiver, startDispatcher } = setup;
  await startDispatcher();
  const endpoint = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
  receiver.answer({ status: 418, body: 'a teapot' });

  const { delivery, userErrors } = await api.sendTestEvent({ endpointId: endpoint.id, type: 'chargeback.opened' });

  expect(userErrors).toEqual([]);
  expect(delivery).toMatchObject({
    status: 'FAILED',
    event: { type: 'chargeback.opened', livemode: false },
    attempts: [{ trigger: 'TEST', responseStatusCode: 418, responseBody: 'a teapot' }],
  });
  const [request] = await receiver.receive(1);
  expect(() => new Webhook(endpoint.signingSecret).verify(request!.rawBody, headersOf(request!))).not.toThrow();
});

it('keeps what is published while nobody dispatches, for whoever comes', async () => {
  await using setup = await setUp();
  const { api, receiver, startDispatcher } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const { results } = await api.publishEvents(Array.from({ length: 20 }, () => ({ type: 'invoice.paid', data: {} })));
  expect((await api.deliveries()).map(({ status }) => status)).toEqual(Array(20).fill('PENDING'));

  await startDispatcher();

  const received = await receiver.receive(20);
  expect(idsOf(received)).toEqual(new Set(results.map(({ event }) => event!.id)));
});

it('finishes and records what is in flight when a dispatcher is told to stop, and starts nothing more', async () => {
  await using setup = await setUp({ ENDPOINT_CONCURRENCY: '1' });
  const { api, receiver, startDispatcher } = setup;
  const dispatcher = await startDispatcher();
  receiver.answer({ status: 200, body: 'at last' });
  const release = receiver.holdAnswers();
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const inFlight = await api.publishEvent('invoice.paid');
  await receiver.receive(1);
  const waiting = await api.publishEvent('invoice.paid');

  const stopped = dispatcher.stop('SIGTERM');
  // Its probes are the first to go: from then on it is stopping.
  await eventually('stopping', () => isSilent(dispatcher));
  release();
  const { code } = await stopped;

  expect(code).toBe(0);
  const [finished, untouched] = await Promise.all(
    [inFlight, waiting].map((one) => api.deliveries({ eventId: one.id })),
  );
  expect(finished).toMatchObject([{ status: 'SUCCEEDED', attempts: [{ number: 1, responseBody: 'at last' }] }]);
  expect(untouched).toMatchObject([{ status: 'PENDING', attempts: [] }]);
  expect(receiver.requests).toHaveLength(1);
  await startDispatcher();
  await api.deliveryOf(waiting);
  expect(receiver.requests).toHaveLength(2);
});

it('has another dispatcher take over from one that was killed in the middle of an attempt', async () => {
  await using setup = await setUp();
  const { api, receiver, startDispatcher } = setup;
  const killed = await startDispatcher();
  receiver.answer((_request, _response, count) => (count === 1 ? undefined : { status: 200 }));
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  await receiver.receive(1);
  await startDispatcher();

  await killed.stop('SIGKILL');
  const [first, second] = await receiver.receive(2, { timeoutMs: 25_000 });
  const delivery = await api.deliveryOf(event);

  expect([first!.headers['webhook-id'], second!.headers['webhook-id']]).toEqual([event.id, event.id]);
  expect(second!.rawBody).toBe(first!.rawBody);
  expect(delivery.attempts).toMatchObject([{ number: 1, trigger: 'SCHEDULED', responseStatusCode: 200 }]);
}, 45_000);

async function isSilent({ url }: ServiceProcess): Promise<boolean> {
  return fetch(`${url}/livez`).then(
    () => false,
    () => true,
  );
}

function headersOf({ headers }: ReceivedRequest): Record<string, string> {
  return headers as Record<string, string>;
}

function idsOf(requests: readonly ReceivedRequest[]): Set<unknown> {
  return new Set(requests.map(({ headers }) => headers['webhook-id']));
}
