import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { Database } from '../../../src/storage/database.js';
import { newId } from '../../../src/storage/ids.js';
import { createPartitions, expirePartitions } from '../../../src/storage/partitions.js';
import { createDatabase } from '../../support/database.js';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 23, 20);
const LONG_AGO = NOW - 40 * DAY_MS;

async function setUp() {
  const test = await createDatabase();
  const database = await Database.open({ url: test.url, name: 'test' });
  await createPartitions(database, LONG_AGO);
  await createPartitions(database, NOW);
  return {
    database,
    /** An event of long ago with one delivery and one attempt. */
    async story(status: string): Promise<string> {
      const id = newId(LONG_AGO);
      const at = new Date(LONG_AGO);
      await database.query(`insert into webhooks.events values ('a', $1, 'invoice.paid', '{}', true, null, $2)`, [
        id,
        at,
      ]);
      await database.query(
        `insert into webhooks.deliveries values ('a', $1, $1, 'invoice.paid', $1, true, $2, 1, 1,
           case when $2 in ('SUCCEEDED', 'FAILED') then null else $3::timestamptz end, null, null, 1, $3, $3,
           case when $2 in ('SUCCEEDED', 'FAILED') then $3::timestamptz end)`,
        [id, status, at],
      );
      await database.query(
        `insert into webhooks.attempts values ('a', $1, 1, $1, 'SCHEDULED', 'SUCCEEDED', '[]', 200, '[]', '', false, 1, null, $2)`,
        [id, at],
      );
      return id;
    },
    async left(table: string): Promise<string[]> {
      const column = table === 'attempts' ? 'delivery_id' : 'id';
      const rows = await database.query<{ id: string }>(`select ${column} as id from webhooks.${table}`);
      return rows.map(({ id }) => id);
    },
    async [Symbol.asyncDispose]() {
      await database.close();
      await test.drop();
    },
  };
}

it('stands ready for a week to come', async () => {
  await using setup = await setUp();
  const id = newId(NOW + 7 * DAY_MS);
  await setup.database.query(`insert into webhooks.events values ('a', $1, 'invoice.paid', '{}', true, null, now())`, [
    id,
  ]);
  expect(await setup.left('events')).toEqual([id]);
});

it('makes a day while others read and write, and waits for none of them', async () => {
  await using setup = await setUp();
  const { database } = setup;
  const id = newId(NOW + 8 * DAY_MS);
  await database.transaction(async (tx) => {
    await tx.query('select from webhooks.deliveries');
    await tx.query(`insert into webhooks.events values ('a', $1, 'invoice.paid', '{}', true, null, now())`, [
      newId(NOW),
    ]);

    await createPartitions(database, NOW + DAY_MS);

    await tx.query(`insert into webhooks.events values ('a', $1, 'invoice.paid', '{}', true, null, now())`, [id]);
  });
  expect(await setup.left('events')).toContain(id);
  const indexes = `select count(*)::int as count from pg_indexes where schemaname = 'webhooks' and tablename like $1`;
  const [early, late] = await Promise.all(
    [NOW, NOW + 8 * DAY_MS].map((day) => {
      const name = new Date(day).toISOString().slice(0, 10).replaceAll('-', '');
      return database.query(indexes, [`%_${name}`]);
    }),
  );
  expect(late).toEqual(early);
});

it('drops a day in which everything is finished', async () => {
  await using setup = await setUp();
  await setup.story('SUCCEEDED');
  await setup.story('FAILED');

  const { dropped } = await expirePartitions(setup.database, NOW - 30 * DAY_MS);

  expect(dropped).toContain('20261014');
  expect(dropped).not.toContain('20261122');
  for (const table of ['events', 'deliveries', 'attempts']) expect(await setup.left(table)).toEqual([]);
});

it.each(['PENDING', 'RETRYING', 'HELD'])(
  'keeps what is %s, however old, and drops the rest of its day',
  async (status) => {
    await using setup = await setUp();
    const open = await setup.story(status);
    await setup.story('SUCCEEDED');

    const { dropped } = await expirePartitions(setup.database, NOW - 30 * DAY_MS);

    expect(dropped).not.toContain('20261014');
    for (const table of ['events', 'deliveries', 'attempts']) expect(await setup.left(table)).toEqual([open]);
  },
);
