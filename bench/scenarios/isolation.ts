import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { delaysOf } from '../harness/arrivals.js';
import { createEndpoints } from '../harness/fill.js';
import { atRate } from '../harness/paced.js';
import { Publisher } from '../harness/publish.js';
import { repeat } from '../harness/repeat.js';
import type { Result } from '../harness/result.js';
import type { Rig, Service } from '../harness/rig.js';
import { latencies, median } from '../harness/statistics.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

const ENDPOINTS = 10;
const SICK = 3;
const HEALTHY = ENDPOINTS - SICK;
const EVENTS = 3_000;

export const isolation: Scenario = {
  name: 'isolation',
  about: 'Of ten endpoints one hangs, one refuses and one answers 500; then a backlog of 200,000 for one endpoint.',
  async measure(options) {
    return [...(await besideSick(options)), ...(await besideBacklog(options))];
  },
};

async function besideSick(options: ScenarioOptions): Promise<Result[]> {
  const runs = await repeat(options, 'beside sick endpoints', async () => ({
    well: { perSecond: await drainHealthy(options.rig, false), ...(await delaysAtRate(options.rig, false)) },
    sick: { perSecond: await drainHealthy(options.rig, true), ...(await delaysAtRate(options.rig, true)) },
  }));
  const of = (key: 'perSecond' | 'p50' | 'p99', which: 'well' | 'sick' = 'sick') => runs.map((run) => run[which][key]);
  const usual = median(of('p99', 'well'));
  const ceiling = (key: 'perSecond' | 'p50' | 'p99') => ({ what: 'all ten healthy', runs: of(key, 'well') });
  return [
    {
      what: 'seven healthy of ten: a backlog',
      unit: 'deliveries/s',
      runs: of('perSecond'),
      ceiling: ceiling('perSecond'),
      targets: [{ atLeast: 0.9, of: 'ratio' }],
    },
    { what: 'seven healthy of ten, 40 events/s: p50', unit: 'ms', runs: of('p50'), ceiling: ceiling('p50') },
    {
      what: 'seven healthy of ten, 40 events/s: p99',
      unit: 'ms',
      runs: of('p99'),
      ceiling: ceiling('p99'),
      targets: [{ atMost: Math.max(usual * 1.5, usual + 10) }],
    },
  ];
}

/** Ten endpoints for everything; seven of them answer in any case. */
async function createTen(rig: Rig, service: Service, areSick: boolean): Promise<void> {
  await createEndpoints(rig, service, HEALTHY);
  if (!areSick) {
    await createEndpoints(rig, service, SICK, { name: 'other' });
    return;
  }
  await createEndpoints(rig, service, 1, { behaviour: 'hang' });
  await createEndpoints(rig, service, 1, { behaviour: '500' });
  await service.api.createEndpoint({ url: `http://127.0.0.1:${await closedPort()}/`, allEvents: true });
}

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Deliveries per second to the seven, of a backlog for all ten. */
async function drainHealthy(rig: Rig, areSick: boolean): Promise<number> {
  await using database = await rig.createDatabase();
  {
    await using service = await database.serve({ ROLES: 'api' });
    await createTen(rig, service, areSick);
    await using publisher = new Publisher(service);
    await publisher.many(EVENTS);
  }
  await rig.checkpoint();
  await using _dispatcher = await database.serve({ ROLES: 'dispatcher' });
  const answering = areSick ? HEALTHY : ENDPOINTS;
  await rig.receiver.wait(EVENTS * answering);
  const { receivedAt } = await rig.receiver.take();
  return (EVENTS * HEALTHY * 1_000) / (receivedAt.at(-1)! - receivedAt[0]!);
}

async function delaysAtRate(rig: Rig, areSick: boolean): Promise<{ p50: number; p99: number }> {
  await using database = await rig.createDatabase();
  await using service = await database.serve();
  await createTen(rig, service, areSick);
  await using publisher = new Publisher(service);
  const answering = areSick ? HEALTHY : ENDPOINTS;
  const load = async (seconds: number) => {
    const publications = await atRate({ perSecond: 40, count: 40 * seconds }, () => publisher.one());
    await rig.receiver.wait(publications.length * answering);
    return delaysOf(await rig.receiver.take(), publications);
  };
  await load(5);
  return latencies(await load(15));
}

const BACKLOG = 200_000;

async function besideBacklog(options: ScenarioOptions): Promise<Result[]> {
  const { rig } = options;
  const runs = await repeat(options, `beside a backlog of ${BACKLOG}`, async () => {
    await using database = await rig.createDatabase();
    {
      await using service = await database.serve({ ROLES: 'api' });
      await createEndpoints(rig, service, 1, { type: 'invoice.created' });
      await createEndpoints(rig, service, 5, { type: 'invoice.paid', name: 'other' });
      await using publisher = new Publisher(service);
      await publisher.many(BACKLOG, { type: 'invoice.created', batch: 1_000 });
    }
    await rig.checkpoint();
    await using service = await database.serve();
    await using publisher = new Publisher(service);
    await rig.receiver.wait(5_000);
    await rig.receiver.take();
    const publications = await atRate({ perSecond: 20, count: 300 }, () => publisher.one('invoice.paid'));
    const delays: number[] = [];
    while (delays.length < publications.length * 5) {
      await delay(100);
      delays.push(...delaysOf(await rig.receiver.take(), publications));
    }
    const left = await database.query<{ any: boolean }>(
      `select exists (select from webhooks.deliveries where event_type = 'invoice.created' and status = 'PENDING') as any`,
    );
    if (!left[0]!.any) throw new Error('The backlog was gone before the measurement was over');
    return latencies(delays);
  });
  const what = `beside a backlog of ${BACKLOG.toLocaleString('en-US')}, 100 deliveries/s`;
  return [
    { what: `${what}: p50`, unit: 'ms', runs: runs.map(({ p50 }) => p50), targets: [{ atMost: 40 }] },
    { what: `${what}: p99`, unit: 'ms', runs: runs.map(({ p99 }) => p99), targets: [{ atMost: 120 }] },
  ];
}
