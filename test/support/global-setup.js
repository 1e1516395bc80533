import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../dist/src/storage/clock.js';
import { startEmbeddedPostgres } from '../../dist/src/storage/embedded-postgres.js';
import { migrate } from '../../dist/src/storage/migrate.js';

/** One throw-away PostgreSQL for all tests, with a migrated database to clone: see `database.ts`. */
export default async function setUp() {
  const directory = await mkdtemp(join(tmpdir(), 'revkeen-webhooks-test-'));
  const postgres = await startEmbeddedPostgres({
    dataDir: directory,
    database: 'template_webhooks',
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  await migrate({ url: postgres.url, name: 'revkeen-webhooks test', clock: systemClock });
  process.env.TEST_TEMPLATE_URL = postgres.url;
  globalThis.stopTestPostgres = async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
