import { createEndpoints } from '../harness/fill.js';
import { Publisher } from '../harness/publish.js';
import { repeat } from '../harness/repeat.js';
import type { Result } from '../harness/result.js';
import type { BenchDatabase } from '../harness/rig.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

const COUNT = 100_000;
const MIB = 1_048_576;
const PER_MILLION = 1_000_000 / COUNT;

export const storage: Scenario = {
  name: 'storage',
  about: `What is on disk after ${COUNT} deliveries of 1 KB, counted for a million.`,
  async measure(options) {
    return [
      ...(await measure(options, 'one endpoint per event', 1)),
      ...(await measure(options, 'ten endpoints per event', 10)),
      ...(await measure(options, 'held', 1, true)),
    ];
  },
};

interface Size {
  /** Without the day: `deliveries`. */
  table: string;
  rows: number;
  indexes: number;
}

async function measure(options: ScenarioOptions, what: string, endpoints: number, isHeld = false): Promise<Result[]> {
  const { rig } = options;
  const runs = await repeat(options, what, async () => {
    await using database = await rig.createDatabase();
    await using service = await database.serve();
    const ids = await createEndpoints(rig, service, endpoints);
    if (isHeld) await service.api.disableEndpoint(ids[0]!);
    const before = await readSizes(database);
    await using publisher = new Publisher(service);
    await publisher.many(COUNT / endpoints);
    if (!isHeld) await database.settled();
    return subtract(await readSizes(database), before);
  });
  const tables = [...runs[0]!.keys()].filter((table) => runs[0]!.get(table)!.rows + runs[0]!.get(table)!.indexes > MIB);
  const perMillion = (take: (sizes: Map<string, Size>) => number) =>
    runs.map((sizes) => (take(sizes) / MIB) * PER_MILLION);
  const sumOf = (sizes: Map<string, Size>) => [...sizes.values()].reduce((sum, one) => sum + one.rows + one.indexes, 0);
  return [
    { what: `${what}: all of it`, unit: 'MiB per million', runs: perMillion(sumOf) },
    ...tables.flatMap((table) => [
      { what: `${what}: ${table}`, unit: 'MiB per million', runs: perMillion((sizes) => sizes.get(table)!.rows) },
      {
        what: `${what}: indexes of ${table}`,
        unit: 'MiB per million',
        runs: perMillion((sizes) => sizes.get(table)!.indexes),
      },
    ]),
  ];
}

/** As they are on disk, with what updates have left over; the days of a table together. */
async function readSizes(database: BenchDatabase): Promise<Map<string, Size>> {
  const sizes = await database.query<Size>(
    `select case when nspname = 'webhooks' then regexp_replace(relname, '_\\d+$', '') else 'jobs' end as table,
            sum(pg_table_size(c.oid))::float8 as rows, sum(pg_indexes_size(c.oid))::float8 as indexes
       from pg_class c join pg_namespace n on n.oid = relnamespace
      where nspname in ('webhooks', 'webhooks_queue') and relkind = 'r' group by 1 order by 1`,
  );
  return new Map(sizes.map((size) => [size.table, size]));
}

function subtract(after: Map<string, Size>, before: Map<string, Size>): Map<string, Size> {
  const grown = [...after].map(([table, { rows, indexes }]): [string, Size] => {
    const old = before.get(table)!;
    return [table, { table, rows: rows - old.rows, indexes: indexes - old.indexes }];
  });
  return new Map(grown);
}
