import { rm } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { readConfig } from '../../../src/config/config.js';
import { createLog } from '../../../src/log.js';
import { type Service, serve } from '../../../src/serve.js';
import { eventually } from '../../support/eventually.js';
import type { ReceivedRequest } from '../../support/receiver.js';
import { type Setup, setUp, testEnvironment, writeCa } from '../../support/service.js';

/** Another process would do no other: it shares nothing with the first service but the database. */
async function startDispatcher(
  { database, receiver }: Setup,
  env: Record<string, string> = {},
): Promise<Service & AsyncDisposable> {
  const caFile = await writeCa(receiver.ca);
  const environment = { ...testEnvironment(database.url), WEBHOOK_CA_FILE: caFile, ROLES: 'dispatcher', ...env };
  const config = readConfig(environment);
  const service = await serve({ config, log: createLog({ level: config.logLevel }) });
  await rm(caFile);
  return { ...service, [Symbol.asyncDispose]: () => service.stop() };
}

function events(count: number): object[] {
  return Array.from({ length: count }, (_, number) => ({ type: 'invoice.paid', data: { number } }));
}

/** The most requests that came within any one second. */
function peakPerSecond(requests: readonly ReceivedRequest[]): number {
  const times = requests.map(({ receivedAt }) => receivedAt.getTime()).sort((a, b) => a - b);
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
}

function durationMs(requests: readonly ReceivedRequest[]): number {
  const times = requests.map(({ receivedAt }) => receivedAt.getTime());
  return Math.max(...times) - Math.min(...times);
}

/** Those that came for an endpoint, told apart by its URL's query. */
function requestsOf({ receiver }: Setup, name: string): ReceivedRequest[] {
  return receiver.requests.filter(({ path }) => path.endsWith(`?${name}`));
}

function received(setup: Setup, name: string, count: number, timeoutMs?: number): Promise<ReceivedRequest[]> {
  const look = async () => requestsOf(setup, name).length >= count && requestsOf(setup, name).slice(0, count);
  return eventually(`${count} requests for ${name}`, look, timeoutMs);
}

it('starts no more attempts in any second than the endpoint allows, and hardly fewer', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true, rateLimitPerSecond: 20 });

  const { results } = await api.publishEvents(events(60));

  const requests = await receiver.receive(60);
  // A few more may arrive: not all take equally long to get there, on a busy machine least of all.
  expect(peakPerSecond(requests)).toBeLessThanOrEqual(30);
  expect(durationMs(requests)).toBeGreaterThan(2_000);
  expect(idsOf(requests)).toEqual(new Set(results.map(({ event }) => event!.id)));
});

it('goes by one limit in all processes together', async () => {
  await using setup = await setUp();
  await using _second = await startDispatcher(setup, { SIGNATURE_HEADER: 'X-Second-Signature' });
  const { api, receiver } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true, rateLimitPerSecond: 20 });

  for (let count = 0; count < 80; count += 1) await api.publishEvent('invoice.paid');

  const requests = await receiver.receive(80);
  const ofSecond = requests.filter(({ headers }) => headers['x-second-signature'] !== undefined);
  expect(ofSecond.length).toBeGreaterThan(0);
  expect(ofSecond.length).toBeLessThan(80);
  expect(peakPerSecond(requests)).toBeLessThanOrEqual(30);
});

it('reaches a high limit', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true, rateLimitPerSecond: 200 });

  await api.publishEvents(events(400));

  const requests = await receiver.receive(400);
  expect(peakPerSecond(requests)).toBeLessThanOrEqual(300);
  expect(durationMs(requests)).toBeLessThan(8_000);
});

it('counts retries and manual retries too', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '0ms,0ms' } });
  const { api, receiver } = setup;
  receiver.answer({ status: 500 });
  await api.createEndpoint({ url: receiver.url, allEvents: true, rateLimitPerSecond: 10 });

  await api.publishEvents(events(10));

  await receiver.receive(30);
  const failed = await eventually('all given up', async () => {
    const deliveries = await api.deliveries({ statuses: ['FAILED'] });
    return deliveries.length === 10 && deliveries;
  });
  for (const { id } of failed) await api.retryDelivery(id);
  const requests = await receiver.receive(40);
  expect(peakPerSecond(requests)).toBeLessThanOrEqual(16);
});

it('keeps nobody else waiting', async () => {
  await using setup = await setUp({ env: { DISPATCH_CONCURRENCY: '4' } });
  const { api, receiver } = setup;
  const url = receiver.url;
  for (let count = 0; count < 10; count += 1) {
    await api.createEndpoint({ url: `${url}?limited`, eventTypes: ['invoice.paid'], rateLimitPerSecond: 1 });
  }
  await api.createEndpoint({ url: `${url}?free`, eventTypes: ['payment.failed'] });
  await api.publishEvents(events(300));
  await received(setup, 'limited', 10);
  const publishedAt = Date.now();

  // Fifty of them are fresh, and the others have to get past three thousand that wait for longer.
  await api.publishEvents(events(100).map((event) => ({ ...event, type: 'payment.failed' })));

  const free = await received(setup, 'free', 100);
  const last = Math.max(...free.map(({ receivedAt }) => receivedAt.getTime()));
  expect(last - publishedAt).toBeLessThan(20_000);
  expect(requestsOf(setup, 'limited').length).toBeLessThan(1_000);
});

it('follows a change of the limit, up, down and away', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true, rateLimitPerSecond: 1 });
  await api.publishEvents(events(400));
  await receiver.receive(2);

  await api.updateEndpoint({ id, rateLimitPerSecond: 50 });
  const faster = await receiver.receive(40, { after: 4, timeoutMs: 20_000 });
  expect(durationMs(faster)).toBeGreaterThan(400);

  await api.updateEndpoint({ id, rateLimitPerSecond: 5 });
  const slower = await receiver.receive(10, { after: receiver.requests.length + 3, timeoutMs: 20_000 });
  expect(peakPerSecond(slower)).toBeLessThanOrEqual(9);

  await api.updateEndpoint({ id, rateLimitPerSecond: null });
  // At five a second it would take a minute.
  await receiver.receive(400, { timeoutMs: 20_000 });
});

it('lets a test event and a manual retry pass a backlog', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '1h' } });
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true, rateLimitPerSecond: 2 });
  receiver.answer({ status: 500 });
  const failing = await api.publishEvent('invoice.paid');
  const { id: failed } = await api.deliveryOf(failing, ({ status }) => status === 'RETRYING');
  receiver.answer({ status: 200 });
  await api.publishEvents(events(300));
  await receiver.receive(3);

  const testedAt = performance.now();
  const { delivery } = await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });
  expect(delivery).toMatchObject({ status: 'SUCCEEDED' });
  expect(performance.now() - testedAt).toBeLessThan(15_000);

  await api.retryDelivery(failed);
  const before = receiver.requests.length;
  await api.deliveryOf(failing);
  expect(receiver.requests.length - before).toBeLessThan(100);
});

it('gives back what waits when it stops, and others go on with it', async () => {
  await using setup = await setUp();
  const { api, receiver, database, service } = setup;
  await using second = await startDispatcher(setup);
  await second.stop();
  await api.createEndpoint({ url: receiver.url, allEvents: true, rateLimitPerSecond: 5 });
  await api.publishEvents(events(15));
  await receiver.receive(3);

  await service.stop();

  const stoppedAfter = receiver.requests.length;
  expect(stoppedAfter).toBeLessThan(15);
  const jobs = await database.query(`select state from webhooks_queue.job where state = 'active'`);
  expect(jobs).toEqual([]);
  await using _third = await startDispatcher(setup);
  const requests = await receiver.receive(15);
  expect(idsOf(requests).size).toBe(15);
  expect(peakPerSecond(requests)).toBeLessThanOrEqual(9);
});

function idsOf(requests: readonly ReceivedRequest[]): Set<unknown> {
  return new Set(requests.map(({ headers }) => headers['webhook-id']));
}
