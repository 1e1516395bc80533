import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database of one test file's own, migrated and empty. */
export interface TestDatabase {
  readonly url: string;
  query<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** Clones the migrated template. `settings` hold for every session in the clone. */
export function createDatabase(settings: Record<string, string> = {}): Promise<TestDatabase> {
  return create('template_webhooks', settings);
}

/** A database in which nothing was ever migrated. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('template0', {});
}

/** Runs a statement of an administrator, on no database of a test. */
export async function administer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf('postgres') });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** The URL of a database on the server of the tests, whether it exists or not. */
export function urlOf(database: string): string {
  const template = process.env.TEST_TEMPLATE_URL;
  if (!template) throw new Error('TEST_TEMPLATE_URL is not set: run the tests with `npm test`');
  return template.replace('/template_webhooks', `/${database}`);
}

async function create(from: string, settings: Record<string, string>): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name} template ${from}`);
  for (const [setting, value] of Object.entries(settings)) {
    await administer(`alter database ${name} set ${setting} = '${value}'`);
  }
  const client = new pg.Client({ connectionString: urlOf(name) });
  await client.connect();
  return {
    url: urlOf(name),
    query: async (sql, values) => (await client.query(sql, values)).rows,
    async drop() {
      await client.end();
      await administer(`drop database ${name} with (force)`);
    },
  };
}
