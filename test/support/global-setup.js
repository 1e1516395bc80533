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

/** One throw-away PostgreSQL for all tests, with a migrated database to clone: see `database.ts`. */
export default async function setUp() {
  const directory = await mkdtemp(join(tmpdir(), 'revkeen-webhooks-test-'));
  const postgres = await startEmbeddedPostgres({
    dataDir: directory,
    database: 'template_webhooks',
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  await migrate({ url: postgres.url, name: 'revkeen-webhooks test', clock: systemClock });
  const memory = await moveToMemory(postgres, join(directory, 'postgres', 'cluster'));
  process.env.TEST_TEMPLATE_URL = postgres.url;
  globalThis.stopTestPostgres = async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
    if (memory) await rm(memory, { recursive: true, force: true });
  };
}

/**
 * Moves the template, and with it every clone, to memory if there is enough. A database is hundreds of small files:
 * on some disks it takes half a second to make them, which is most of what a short test takes.
 */
async function moveToMemory(postgres, cluster) {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  if (bavail * bsize < MEMORY_BYTES) return null;
  const directory = await mkdtemp(join(MEMORY, 'revkeen-webhooks-test-'));
  const { uid, gid } = await stat(cluster);
  await chown(directory, uid, gid);
  const client = new pg.Client({ connectionString: postgres.urlFor('postgres') });
  await client.connect();
  await client.query(`create tablespace memory location '${directory}'`);
  await client.query('alter database template_webhooks set tablespace memory');
  await client.end();
  return directory;
}
