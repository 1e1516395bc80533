import { sendBare } from '../harness/bare.js';
import { type Drained, measureDrain } from '../harness/drained.js';
import { fill } from '../harness/fill.js';
import { repeat } from '../harness/repeat.js';
import type { Result } from '../harness/result.js';
import { drainBySql, drainWithoutHttp } from '../harness/stub.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

const COUNT = 30_000;
const WARM_UP = 6_000;

export const drain: Scenario = {
  name: 'drain',
  about: `One process delivers a backlog: ${COUNT} deliveries of 1 KB after a warm-up of ${WARM_UP}.`,
  async measure(options) {
    return [...(await overHttp(options, 1)), ...(await overHttp(options, 100)), await withoutHttp(options)];
  },
};

async function overHttp(options: ScenarioOptions, endpoints: number): Promise<Result[]> {
  const { rig } = options;
  const what = `to ${endpoints} endpoint${endpoints > 1 ? 's' : ''}`;
  const runs = await repeat(options, what, async () => {
    const bare = await sendBare(rig.receiver, { poster: 'shipped', endpoints, count: COUNT, warmUp: WARM_UP });
    await using database = await rig.createDatabase();
    const eventIds = await fill(rig, database, endpoints, COUNT + WARM_UP);
    await using dispatcher = await database.serve({ ROLES: 'dispatcher' });
    return { bare, own: await measureDrain(rig, database, [dispatcher], { eventIds, endpoints, warmUp: WARM_UP }) };
  });
  const of = (key: keyof Drained) => runs.map(({ own }) => own[key]);
  const bareCpu = { what: 'the same got, bare', runs: runs.map(({ bare }) => bare.cpuPerThousand) };
  return [
    {
      what,
      unit: '/s',
      runs: of('perSecond'),
      ceiling: { what: 'the same got, bare', runs: runs.map(({ bare }) => bare.perSecond) },
      targets: [{ atLeast: 0.85, of: 'ratio' }, { atLeast: 5_500 }],
    },
    {
      what: `${what}: CPU of the service`,
      unit: 's per 1,000',
      runs: of('serviceCpu'),
      ceiling: bareCpu,
      targets: [{ atMost: 0.2 }],
    },
    {
      what: `${what}: CPU of PostgreSQL`,
      unit: 's per 1,000',
      runs: of('postgresCpu'),
      targets: [{ atMost: 0.08 }],
    },
    { what: `${what}: memory of the service`, unit: 'MiB', runs: of('memoryMib') },
  ];
}

async function withoutHttp(options: ScenarioOptions): Promise<Result> {
  const { rig } = options;
  const runs = await repeat(options, 'without HTTP', async () => {
    await using other = await rig.createDatabase();
    await fill(rig, other, 200, COUNT);
    const bySql = await drainBySql(other);
    await using database = await rig.createDatabase();
    await fill(rig, database, 200, COUNT + WARM_UP);
    return { bySql, own: await drainWithoutHttp(database, { count: COUNT, warmUp: WARM_UP }) };
  });
  return {
    what: 'to 200 endpoints, without the HTTP call',
    unit: '/s',
    runs: runs.map(({ own }) => own),
    ceiling: { what: 'hand-written SQL', runs: runs.map(({ bySql }) => bySql) },
    targets: [{ atLeast: 0.6, of: 'ratio' }],
  };
}
