import { insertBySql } from '../harness/bare-inserts.js';
import { callFrom } from '../harness/callers.js';
import { createEndpoints } from '../harness/fill.js';
import { Publisher } from '../harness/publish.js';
import { repeat } from '../harness/repeat.js';
import type { Result } from '../harness/result.js';
import type { BenchDatabase, Service } from '../harness/rig.js';
import { latencies } from '../harness/statistics.js';
import { cpuSecondsBetween, usageOf } from '../harness/usage.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

const CONNECTIONS = 64;
const BATCH = 500;

export const publish: Scenario = {
  name: 'publish',
  about: 'Events of 1 KB for one endpoint are published over HTTP to an API process; nobody dispatches meanwhile.',
  async measure(options) {
    return [
      ...(await measurePublishing(options, {
        what: `one at a time, ${CONNECTIONS} connections`,
        count: 15_000,
        warmUp: 5_000,
        targetPerSecond: 4_000,
        perCall: 1,
        callers: CONNECTIONS,
      })),
      ...(await measurePublishing(options, {
        what: `batches of ${BATCH}, 4 connections`,
        count: 50_000,
        warmUp: 20_000,
        targetPerSecond: 15_000,
        perCall: BATCH,
        callers: 4,
      })),
    ];
  },
};

interface Load {
  what: string;
  count: number;
  warmUp: number;
  targetPerSecond: number;
  perCall: number;
  callers: number;
}

async function measurePublishing(options: ScenarioOptions, load: Load): Promise<Result[]> {
  const { rig } = options;
  const { what, targetPerSecond } = load;
  const runs = await repeat(options, what, async () => {
    await using database = await rig.createDatabase();
    await using service = await database.serve({ ROLES: 'api' });
    await createEndpoints(rig, service, 1);
    await publishAll(service, { ...load, count: load.warmUp });
    await rig.checkpoint();
    const before = usageOf(service.pid);
    const own = await publishAll(service, load);
    const cpu = (cpuSecondsBetween(before, usageOf(service.pid)) * 1_000) / load.count;
    await expectAll(database, load.warmUp + load.count);
    await rig.checkpoint();
    return { own, cpu, bare: await insertBySql(database, load) };
  });
  return [
    {
      what,
      unit: 'events/s',
      runs: runs.map(({ own }) => own.perSecond),
      ceiling: { what: 'the same inserts in SQL', runs: runs.map(({ bare }) => bare) },
      targets: [{ atLeast: targetPerSecond }],
    },
    { what: `${what}: p99 of a call`, unit: 'ms', runs: runs.map(({ own }) => own.p99) },
    { what: `${what}: CPU of the service`, unit: 's per 1,000', runs: runs.map(({ cpu }) => cpu) },
  ];
}

async function publishAll(service: Service, { count, perCall, callers }: Omit<Load, 'what'>) {
  await using publisher = new Publisher(service, callers);
  const callMs: number[] = [];
  const startedAt = performance.now();
  await callFrom(callers, count / perCall, async () => {
    const { startedAt, answeredAt } = await (perCall === 1 ? publisher.one() : publisher.batch(perCall));
    callMs.push(answeredAt - startedAt);
  });
  return { perSecond: (count * 1_000) / (performance.now() - startedAt), p99: latencies(callMs).p99 };
}

async function expectAll(database: BenchDatabase, count: number): Promise<void> {
  const [row] = await database.query<{ count: number }>('select count(*)::int as count from webhooks.deliveries');
  if (row!.count !== count) throw new Error(`${row!.count} of ${count} deliveries are there`);
}
