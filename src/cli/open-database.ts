import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError } from '../config/config.js';
import { systemClock } from '../storage/clock.js';
import { Database } from '../storage/database.js';
import { startEmbeddedPostgres } from '../storage/embedded-postgres.js';
import { migrate } from '../storage/migrate.js';

/**
 * Opens the database of a service for a command, brought up to date as at every start: that of `DATABASE_URL`, or the
 * embedded one, which is started for it. Closes with `opened`.
 *
 * @throws {ConfigError} where there is no database yet.
 * @throws {EmbeddedPostgresError} while a service runs on the embedded one.
 */
export async function openDatabase(
  { databaseUrl, dataDir }: Config,
  name: string,
  opened: AsyncDisposableStack,
): Promise<Database> {
  const url = databaseUrl?.reveal() ?? (await startEmbedded(dataDir, opened));
  await migrate({ url, name, clock: systemClock });
  return opened.adopt(await Database.open({ url, name }), (database) => database.close());
}

async function startEmbedded(dataDir: string, opened: AsyncDisposableStack): Promise<string> {
  if (!existsSync(join(dataDir, 'postgres'))) {
    throw new ConfigError([`DATABASE_URL is not set, and no service has been started in DATA_DIR (${dataDir}) yet`]);
  }
  const postgres = opened.adopt(await startEmbeddedPostgres({ dataDir }), (server) => server.stop());
  return postgres.url;
}
