import { measureDrain } from '../harness/drained.js';
import { fill } from '../harness/fill.js';
import { repeat } from '../harness/repeat.js';
import type { Result } from '../harness/result.js';
import type { BenchDatabase } from '../harness/rig.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

const COUNT = 30_000;
const WARM_UP = 6_000;
const ENDPOINTS = 100;

export const scaleOut: Scenario = {
  name: 'scale-out',
  about: 'One, two and three dispatcher processes on one PostgreSQL, and what a delivery asks of it.',
  settings: { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.max': '5000' },
  async measure(options) {
    const results: Result[] = [];
    for (const dispatchers of [1, 2, 3]) results.push(...(await measureWith(options, dispatchers)));
    return results;
  },
};

async function measureWith(options: ScenarioOptions, dispatchers: number): Promise<Result[]> {
  const { rig } = options;
  const what = `${dispatchers} dispatcher${dispatchers > 1 ? 's' : ''}`;
  const runs = await repeat(options, what, async () => {
    await using database = await rig.createDatabase();
    await database.query('create extension pg_stat_statements');
    const eventIds = await fill(rig, database, ENDPOINTS, COUNT + WARM_UP);
    await database.query('select pg_stat_statements_reset()');
    await using processes = new AsyncDisposableStack();
    const running = await Promise.all(
      Array.from({ length: dispatchers }, async () => processes.use(await database.serve({ ROLES: 'dispatcher' }))),
    );
    const drained = await measureDrain(rig, database, running, { eventIds, endpoints: ENDPOINTS, warmUp: WARM_UP });
    return { ...drained, ...(await countStatements(database, COUNT + WARM_UP)) };
  });
  const of = (key: keyof (typeof runs)[number]) => runs.map((run) => run[key]);
  return [
    { what, unit: 'deliveries/s', runs: of('perSecond') },
    { what: `${what}: CPU of the service`, unit: 's per 1,000', runs: of('serviceCpu') },
    { what: `${what}: CPU of PostgreSQL`, unit: 's per 1,000', runs: of('postgresCpu') },
    { what: `${what}: statements`, unit: 'per delivery', runs: of('statements') },
    { what: `${what}: rows read or written`, unit: 'per delivery', runs: of('rows') },
    { what: `${what}: WAL`, unit: 'bytes per delivery', runs: of('walBytes') },
  ];
}

async function countStatements(database: BenchDatabase, deliveries: number) {
  const [row] = await database.query<{ statements: number; rows: number; walBytes: number }>(
    `select sum(calls)::float8 / $1 as statements, sum(rows)::float8 / $1 as rows, sum(wal_bytes)::float8 / $1 as "walBytes"
       from pg_stat_statements s join pg_database d on d.oid = s.dbid
      where d.datname = current_database() and toplevel`,
    [deliveries],
  );
  return row!;
}
