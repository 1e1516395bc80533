import { arrivals, since } from '../harness/arrivals.js';
import { measureDrain } from '../harness/drained.js';
import { createEndpoints } from '../harness/fill.js';
import { growLog } from '../harness/grow.js';
import { atRate, now } from '../harness/paced.js';
import { Publisher } from '../harness/publish.js';
import { repeat } from '../harness/repeat.js';
import type { Result } from '../harness/result.js';
import type { BenchDatabase, Rig, Service } from '../harness/rig.js';
import { latencies, quantile } from '../harness/statistics.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

const DELIVERIES = Number(process.env.BENCH_GROWTH ?? 10_000_000);
const DAYS = 30;
const ENDPOINTS = 100;
const COUNT = 30_000;
const WARM_UP = 6_000;
const TYPES = ['invoice.paid', 'invoice.created', 'payment.succeeded', 'customer.created'];

export const growth: Scenario = {
  name: 'growth',
  about: `With ${DELIVERIES.toLocaleString('en-US')} deliveries and a fifth more attempts in the log of a month, against an empty one.`,
  async measure(options) {
    const { rig, tell } = options;
    await using empty = await rig.createDatabase();
    await using full = await rig.createDatabase();
    const endpointIds = await prepare(rig, empty, full);
    tell('filling the log');
    await growLog(full, { deliveries: DELIVERIES, days: DAYS, endpointIds, types: TYPES });
    await rig.checkpoint();
    return [
      ...(await measureDrains(options, empty, full)),
      ...(await measurePages(options, full, endpointIds)),
      await measureExpiry(options, full),
    ];
  },
};

/** The same endpoints in both. Answers the ids of those in the full one, as the database has them. */
async function prepare(rig: Rig, empty: BenchDatabase, full: BenchDatabase): Promise<string[]> {
  for (const database of [empty, full]) {
    await using service = await database.serve({ ROLES: 'api' });
    await createEndpoints(rig, service, ENDPOINTS);
  }
  const rows = await full.query<{ id: string }>('select id from webhooks.endpoints order by id');
  return rows.map(({ id }) => id);
}

async function measureDrains(options: ScenarioOptions, empty: BenchDatabase, full: BenchDatabase): Promise<Result[]> {
  const runs = await repeat(options, 'drain', async () => ({
    empty: await drainOnce(options.rig, empty),
    full: await drainOnce(options.rig, full),
  }));
  return [
    {
      what: 'drain to 100 endpoints',
      unit: 'deliveries/s',
      runs: runs.map((run) => run.full),
      ceiling: { what: 'with an empty log', runs: runs.map((run) => run.empty) },
      targets: [{ atLeast: 0.9, of: 'ratio' }],
    },
  ];
}

async function drainOnce(rig: Rig, database: BenchDatabase): Promise<number> {
  const eventIds = await publishWithoutDispatcher(database, (COUNT + WARM_UP) / ENDPOINTS);
  await rig.checkpoint();
  await using dispatcher = await database.serve({ ROLES: 'dispatcher', RETENTION_DAYS: '60' });
  const { perSecond } = await measureDrain(rig, database, [dispatcher], {
    eventIds,
    endpoints: ENDPOINTS,
    warmUp: WARM_UP,
  });
  return perSecond;
}

async function publishWithoutDispatcher(database: BenchDatabase, count: number): Promise<string[]> {
  await using service = await database.serve({ ROLES: 'api' });
  await using publisher = new Publisher(service);
  return await publisher.many(count);
}

const PAGE = `query ($filter: DeliveryFilter) { deliveries(first: 50, filter: $filter) {
  nodes { id status eventType attemptCount createdAt completedAt event { id } endpoint { id url } }
  pageInfo { hasNextPage endCursor } } }`;
const ENDPOINTS_PAGE = '{ endpoints(first: 100) { nodes { id url status heldCount successRate lastDeliveryAt } } }';
const READS = 100;

async function measurePages(
  options: ScenarioOptions,
  database: BenchDatabase,
  endpointUuids: readonly string[],
): Promise<Result[]> {
  await using service = await database.serve({ ROLES: 'api' });
  const { endpoints } = await service.api.request<{ endpoints: { nodes: { id: string }[] } }>(ENDPOINTS_PAGE);
  const ids = endpoints.nodes.map(({ id }) => id);
  if (ids.length !== endpointUuids.length) throw new Error('Endpoints are missing');
  const [event] = (await service.api.request<{ deliveries: { nodes: { event: { id: string } }[] } }>(PAGE)).deliveries
    .nodes;
  const day = 86_400_000;
  const range = (index: number) => {
    const from = Date.now() - (3 + (index % 20)) * day;
    return { from: new Date(from).toISOString(), to: new Date(from + day).toISOString() };
  };
  const one = (index: number) => [ids[index % ids.length]!];
  const filters: Record<string, (index: number) => object> = {
    unfiltered: () => ({}),
    'by endpoint': (index) => ({ endpointIds: one(index) }),
    'by status': (index) => ({ statuses: [index % 2 ? 'FAILED' : 'SUCCEEDED'] }),
    'by endpoint and status': (index) => ({ endpointIds: one(index), statuses: ['FAILED'] }),
    'by event': () => ({ eventId: event!.event.id }),
    'in a day': (index) => ({ createdAt: range(index) }),
    'by endpoint in a day': (index) => ({ endpointIds: one(index), createdAt: range(index) }),
    'by status in a day': (index) => ({ statuses: ['FAILED'], createdAt: range(index) }),
    'by endpoint and status in a day': (index) => ({
      endpointIds: one(index),
      statuses: ['FAILED'],
      createdAt: range(index),
    }),
    'by event in a day': (index) => ({ eventId: event!.event.id, createdAt: range(index) }),
  };
  const results: Result[] = [];
  for (const [what, filter] of Object.entries(filters)) {
    const read = (index: number) => timed(service, PAGE, { filter: filter(index) });
    results.push(await measureReads(options, `a page of deliveries, ${what}`, read, 20));
  }
  results.push(await measureReads(options, 'a page of 100 endpoints', () => timed(service, ENDPOINTS_PAGE), 20));
  // Nothing is of these: each would have to be looked through to its end.
  const rare = [
    { eventTypes: ['customer.updated'] },
    { eventTypes: ['customer.updated'], statuses: ['FAILED'], endpointIds: ids.slice(0, 50) },
    { livemode: false, statuses: ['SUCCEEDED'] },
  ];
  const read = (index: number) => timed(service, PAGE, { filter: rare[index % rare.length] });
  results.push(await measureReads(options, 'a page of deliveries, other combinations', read, 500));
  return results;
}

async function measureReads(
  { runs }: ScenarioOptions,
  what: string,
  read: (index: number) => Promise<number>,
  atMost: number,
): Promise<Result> {
  for (let index = 0; index < 50; index += 1) await read(index);
  const p99: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const times: number[] = [];
    for (let index = 0; index < READS; index += 1) times.push(await read(index));
    p99.push(quantile(times, 0.99));
  }
  return { what: `${what}: p99`, unit: 'ms', runs: p99, targets: [{ atMost }] };
}

async function timed({ api }: Service, query: string, variables: object = {}): Promise<number> {
  const startedAt = now();
  const { errors } = await api.send(query, variables);
  const elapsedMs = since(startedAt);
  // A refusal that says why is an answer.
  if (errors && errors[0]?.extensions.code !== 'BAD_USER_INPUT') throw new Error(JSON.stringify(errors));
  return elapsedMs;
}

/** What traffic sees while the oldest days are dropped, beside what it sees before. */
async function measureExpiry(options: ScenarioOptions, database: BenchDatabase): Promise<Result> {
  const { rig, runs, tell } = options;
  const p99: number[] = [];
  const usual: number[] = [];
  const countDays = async () =>
    (
      await database.query<{ count: number }>(
        `select count(*)::int as count from pg_inherits where inhparent = 'webhooks.deliveries'::regclass`,
      )
    )[0]!.count;
  for (let run = 0; run < Math.min(runs, 3); run += 1) {
    const measure = async (retentionDays: number) => {
      await using service = await database.serve({ RETENTION_DAYS: String(retentionDays) });
      await using publisher = new Publisher(service);
      const publications = await atRate({ perSecond: 5, count: 75 }, () => publisher.one());
      return latencies((await arrivals(rig, publications, ENDPOINTS)).all).p99;
    };
    tell(`drop a day: ${run + 1}`);
    const before = await countDays();
    usual.push(await measure(DAYS - run + 5));
    p99.push(await measure(DAYS - run - 1));
    if ((await countDays()) >= before) throw new Error('No day was dropped');
  }
  return {
    what: 'an expired day is dropped, 500 deliveries/s: p99',
    unit: 'ms',
    runs: p99,
    ceiling: { what: 'nothing expires', runs: usual },
  };
}
