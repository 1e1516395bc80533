import { ConfigError, readConfig } from '../config/config.js';
import { systemClock } from '../storage/clock.js';
import { migrate } from '../storage/migrate.js';

/** Brings the database of `DATABASE_URL` up to date. */
export async function runMigrate(env: NodeJS.ProcessEnv): Promise<void> {
  const { databaseUrl } = readConfig(env);
  if (!databaseUrl) {
    throw new ConfigError(['DATABASE_URL is not set; the embedded database is migrated whenever the service starts']);
  }
  await migrate({ url: databaseUrl.reveal(), name: 'revkeen-webhooks migrate', clock: systemClock });
  console.log('The database is up to date.');
}
