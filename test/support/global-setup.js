import { chown, mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock } from '../../dist/src/storage/clock.js';
import { startEmbeddedPostgres } from '../../dist/src/storage/embedded-postgres.js';
import { migrate } from '../../dist/src/storage/migrate.js';

/** A file system in memory, and what has to be free there: all databases that exist at one time need a part of it. */
const MEMORY = '/dev/shm';
const MEMORY_BYTES = 2 * 1024 ** 3;

const TEMPLATE = 'template_webhooks';
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };

/** One throw-away PostgreSQL for all tests, with a migrated database to clone: see `database.ts`. */
export default async function setUp() {
  const programs = process.env.TEST_POSTGRES_BIN;
  const postgres = programs ? await startInstalled(programs) : await startEmbedded();
  const url = postgres.urlFor(TEMPLATE);
  try {
    await migrate({ url, name: 'revkeen-webhooks test', clock: systemClock });
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  const memory = await moveToMemory(postgres);
  process.env.TEST_TEMPLATE_URL = url;
  globalThis.stopTestPostgres = async () => {
    await postgres.stop();
    if (memory) await rm(memory, { recursive: true, force: true });
  };
}

/** The PostgreSQL that most people have, with its settings. */
async function startEmbedded() {
  const directory = await mkdtemp(join(tmpdir(), 'revkeen-webhooks-test-'));
  const postgres = await startEmbeddedPostgres({ dataDir: directory, database: TEMPLATE, settings: SETTINGS });
  return {
    urlFor: postgres.urlFor,
    cluster: join(directory, 'postgres', 'cluster'),
    async stop() {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Any other PostgreSQL, with its own defaults, by the directory of its programs. */
async function startInstalled(programs) {
  await import('../../scripts/run-typescript.js');
  const { startInstalledPostgres } = await import('./installed-postgres.ts');
  const postgres = await startInstalledPostgres({ programs, settings: SETTINGS });
  const [{ version }] = await run(postgres.url, 'select version()');
  await run(postgres.url, `create database ${TEMPLATE}`);
  console.log(`\nThese tests run on ${version}.`);
  return {
    urlFor: postgres.urlFor,
    cluster: join(postgres.directory, 'cluster'),
    stop: () => postgres[Symbol.asyncDispose](),
  };
}

/**
 * Moves the template, and with it every clone, to memory if there is enough. A database is hundreds of small files:
 * on some disks it takes half a second to make them, which is most of what a short test takes.
 */
async function moveToMemory({ urlFor, cluster }) {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  if (bavail * bsize < MEMORY_BYTES) return null;
  const directory = await mkdtemp(join(MEMORY, 'revkeen-webhooks-test-'));
  const { uid, gid } = await stat(cluster);
  await chown(directory, uid, gid);
  await run(urlFor('postgres'), `create tablespace memory location '${directory}'`);
  await run(urlFor('postgres'), `alter database ${TEMPLATE} set tablespace memory`);
  return directory;
}

async function run(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}
