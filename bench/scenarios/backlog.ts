import { setTimeout as delay } from 'node:timers/promises';
import { createEndpoints } from '../harness/fill.js';
import { now } from '../harness/paced.js';
import { Publisher } from '../harness/publish.js';
import { repeat } from '../harness/repeat.js';
import type { Result } from '../harness/result.js';
import type { Rig } from '../harness/rig.js';
import { usageOf } from '../harness/usage.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

const LONG = 1_000_000;
const SHORT = 50_000;
const ENDPOINTS = 10;
const WARM_UP = 10_000;
const COUNT = 30_000;
const HELD = 100_000;

export const backlog: Scenario = {
  name: 'backlog',
  about: 'A million queued deliveries against fifty thousand; holding and releasing 100,000 of one endpoint.',
  async measure(options) {
    return [...(await drainLong(options)), ...(await holdAndRelease(options))];
  },
};

async function drainLong(options: ScenarioOptions): Promise<Result[]> {
  const runs = await repeat(options, 'drain', async () => ({
    short: await drainFirst(options.rig, SHORT),
    long: await drainFirst(options.rig, LONG),
  }));
  return [
    {
      what: '1,000,000 queued',
      unit: 'deliveries/s',
      runs: runs.map(({ long }) => long.perSecond),
      ceiling: { what: '50,000 queued', runs: runs.map(({ short }) => short.perSecond) },
      targets: [{ atLeast: 0.8, of: 'ratio' }],
    },
    {
      what: '1,000,000 queued: memory of the service',
      unit: 'MiB',
      runs: runs.map(({ long }) => long.memoryMib),
      ceiling: { what: '50,000 queued', runs: runs.map(({ short }) => short.memoryMib) },
    },
  ];
}

/** How fast the first tens of thousands of a backlog go. */
async function drainFirst(rig: Rig, deliveries: number): Promise<{ perSecond: number; memoryMib: number }> {
  await using database = await rig.createDatabase();
  {
    await using service = await database.serve({ ROLES: 'api' });
    await createEndpoints(rig, service, ENDPOINTS);
    await using publisher = new Publisher(service);
    await publisher.many(deliveries / ENDPOINTS);
  }
  await rig.checkpoint();
  await using dispatcher = await database.serve({ ROLES: 'dispatcher' });
  await rig.receiver.wait(WARM_UP + COUNT);
  const { memoryBytes } = usageOf(dispatcher.pid);
  const { receivedAt } = await rig.receiver.take();
  const elapsedMs = receivedAt[WARM_UP + COUNT - 1]! - receivedAt[WARM_UP - 1]!;
  return { perSecond: (COUNT * 1_000) / elapsedMs, memoryMib: memoryBytes / 1_048_576 };
}

async function holdAndRelease(options: ScenarioOptions): Promise<Result[]> {
  const { rig } = options;
  const runs = await repeat(options, 'hold and release', async () => {
    await using database = await rig.createDatabase();
    await using api = await database.serve({ ROLES: 'api' });
    const [id] = await createEndpoints(rig, api, 1);
    await using publisher = new Publisher(api);
    await publisher.many(HELD);
    await rig.checkpoint();
    await using _dispatcher = await database.serve({ ROLES: 'dispatcher' });
    await rig.receiver.wait(1);
    const disabledAt = now();
    await api.api.disableEndpoint(id!);
    const answeredAfter = now() - disabledAt;
    const open = `select exists (select from webhooks.deliveries where status in ('PENDING', 'RETRYING')) as any`;
    while ((await database.query<{ any: boolean }>(open))[0]!.any) await delay(10);
    const heldAfter = now() - disabledAt;
    await rig.receiver.take();
    const enabledAt = now();
    await api.api.enableEndpoint(id!);
    const held = `select coalesce(sum(count), 0)::int as count from webhooks.endpoint_held`;
    await rig.receiver.wait(1);
    const firstAfter = now() - enabledAt;
    while ((await database.query<{ count: number }>(held))[0]!.count > 0) await delay(10);
    const releasedAfter = now() - enabledAt;
    await rig.receiver.take();
    return { answeredAfter, heldAfter, firstAfter, releasedAfter };
  });
  const of = (key: keyof (typeof runs)[number]) => runs.map((run) => run[key]);
  return [
    { what: 'disabling: the call', unit: 'ms', runs: of('answeredAfter') },
    { what: 'disabling: about 100,000 held', unit: 'ms', runs: of('heldAfter'), targets: [{ atMost: 3_000 }] },
    { what: 'enabling: the first arrival', unit: 'ms', runs: of('firstAfter'), targets: [{ atMost: 1_000 }] },
    { what: 'enabling: all released', unit: 'ms', runs: of('releasedAfter') },
  ];
}
