import { arrivals } from '../harness/arrivals.js';
import { createEndpoints } from '../harness/fill.js';
import { atRate } from '../harness/paced.js';
import { Publisher } from '../harness/publish.js';
import { repeat } from '../harness/repeat.js';
import type { Result, Target } from '../harness/result.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

export const latency: Scenario = {
  name: 'latency',
  about: 'From the call that publishes an event to its arrival at the receiver, calls at a steady rate.',
  async measure(options) {
    const low = { perSecond: 50, seconds: 10, p50: [{ atMost: 5 }], p99: [{ atMost: 15 }] };
    const high = { perSecond: 500, seconds: 10, p50: [], p99: [{ atMost: 40 }] };
    return [
      ...(await measureAt(options, ['api,dispatcher'], low)),
      ...(await measureAt(options, ['api,dispatcher'], high)),
      ...(await measureAt(options, ['api', 'dispatcher'], low)),
      ...(await measureAt(options, ['api', 'dispatcher'], high)),
    ];
  },
};

async function measureAt(
  options: ScenarioOptions,
  roles: readonly string[],
  { perSecond, seconds, ...targets }: { perSecond: number; seconds: number; p50: Target[]; p99: Target[] },
): Promise<Result[]> {
  const { rig } = options;
  const what = `${perSecond}/s, ${roles.length === 1 ? 'one process' : 'two processes'}`;
  await using database = await rig.createDatabase();
  await using service = await database.serve({ ROLES: roles[0]! });
  await using _dispatcher = roles[1] ? await database.serve({ ROLES: roles[1] }) : null;
  await createEndpoints(rig, service, 1);
  await using publisher = new Publisher(service);
  const load = (duration: number) => atRate({ perSecond, count: perSecond * duration }, () => publisher.one());
  await arrivals(rig, await load(5));
  const runs = await repeat(options, what, async () => arrivals(rig, await load(seconds)));
  return [
    { what: `${what}: p50`, unit: 'ms', runs: runs.map(({ p50 }) => p50), targets: targets.p50 },
    { what: `${what}: p99`, unit: 'ms', runs: runs.map(({ p99 }) => p99), targets: targets.p99 },
  ];
}
