import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { SCOPES } from '../../../src/access/account.js';
import { entities } from '../../../src/entities.js';
import { systemClock } from '../../../src/storage/clock.js';
import { Database } from '../../../src/storage/database.js';
import { migrate } from '../../../src/storage/migrate.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

interface Column {
  table: string;
  column: string;
  type: string;
  nullable: boolean;
}

/** The types of entities by the names that PostgreSQL has for them. */
const TYPES: Record<string, string> = { timestamptz: 'timestamp with time zone' };

async function open(): Promise<{ test: TestDatabase; database: Database } & AsyncDisposable> {
  const test = await createDatabase();
  const database = await Database.open({ url: test.url, name: 'test', entities });
  return {
    test,
    database,
    async [Symbol.asyncDispose]() {
      await database.close();
      await test.drop();
    },
  };
}

async function columnsOf(test: TestDatabase): Promise<Column[]> {
  return test.query(
    `select table_name as "table", column_name as "column", data_type as type, is_nullable = 'YES' as nullable
       from information_schema.columns where table_schema = 'webhooks' order by 1, 2`,
  );
}

it('has a column for every property of an entity, of the same type, and no others', async () => {
  await using opened = await open();
  const declared = opened.database.dataSource.entityMetadatas.flatMap((entity) =>
    entity.columns.map((column) => ({
      table: entity.tableName,
      column: column.databaseName,
      type: column.isArray ? 'ARRAY' : (TYPES[String(column.type)] ?? String(column.type)),
      nullable: column.isNullable,
    })),
  );
  const tables = new Set(declared.map(({ table }) => table));
  const actual = (await columnsOf(opened.test)).filter(({ table }) => tables.has(table));
  const byName = (a: Column, b: Column) => `${a.table}.${a.column}`.localeCompare(`${b.table}.${b.column}`);
  expect(declared.sort(byName)).toEqual(actual.sort(byName));
});

it('goes all the way down and comes up again as it was', async () => {
  await using opened = await open();
  const { test, database } = opened;
  const partitions = /_\d{8}$/;
  const before = (await columnsOf(test)).filter(({ table }) => !partitions.test(table));

  for (const _ of database.dataSource.migrations) await database.dataSource.undoLastMigration();
  expect((await columnsOf(test)).filter(({ table }) => table !== 'migrations')).toEqual([]);

  await migrate({ url: test.url, name: 'test', clock: systemClock });
  const after = (await columnsOf(test)).filter(({ table }) => !partitions.test(table));
  expect(after).toEqual(before);
});

it('leaves the API keys of before as they were, and takes away on the way down those that would be worth more', async () => {
  await using opened = await open();
  const { test, database } = opened;
  const insert = (columns: string, values: string) =>
    test.query(`insert into webhooks.api_keys (account_id, id, created_at, hint, key_hash${columns})
                values ('default', gen_random_uuid(), now(), ${values})`);
  const hints = async () =>
    (await test.query<{ hint: string }>('select hint from webhooks.api_keys order by 1')).map(({ hint }) => hint);
  const downToPlainKeys = async () => {
    while ((await columnsOf(test)).some(({ table, column }) => table === 'api_keys' && column === 'scopes')) {
      await database.dataSource.undoLastMigration();
    }
  };
  await downToPlainKeys();
  await insert('', "'once', '\\x01'");
  await insert('', "'gone', '\\x02'");
  await migrate({ url: test.url, name: 'test', clock: systemClock });

  const keys = await test.query<{ scopes: string[] }>('select scopes, expires_at, revoked_at from webhooks.api_keys');
  expect(keys).toEqual(Array(2).fill({ scopes: SCOPES, expires_at: null, revoked_at: null }));
  await insert(', name, scopes, pepper_id', "'part', '\\x03', 'Part', '{events:read}', 'k'");
  await test.query("update webhooks.api_keys set revoked_at = now() where hint = 'gone'");

  await downToPlainKeys();
  expect(await hints()).toEqual(['once']);
});

it('does nothing twice, whoever starts at the same moment', async () => {
  await using opened = await open();
  const { test, database } = opened;
  for (const _ of database.dataSource.migrations) await database.dataSource.undoLastMigration();
  const options = { url: test.url, name: 'test', clock: systemClock };

  await Promise.all([migrate(options), migrate(options), migrate(options)]);

  const [row] = await test.query<{ count: number }>('select count(*)::int as count from webhooks.events');
  expect(row!.count).toBe(0);
});
