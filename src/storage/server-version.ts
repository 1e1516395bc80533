import { ExplainedError } from '../explained-error.js';
import type { Executor } from './database.js';

/** As PostgreSQL counts: `150_000` is 15.0. */
const LEAST_VERSION = 150_000;

/** The oldest PostgreSQL that the service runs on, as people say it. */
export const LEAST_MAJOR = LEAST_VERSION / 10_000;

/** The PostgreSQL behind a database is older than what the service is tried on. */
export class OldServerError extends ExplainedError {
  override readonly name = 'OldServerError';
}

export interface ServerVersion {
  /** Such as `15.18 (Debian 15.18-0+deb12u1)`. */
  readonly name: string;
  readonly isTooOld: boolean;
}

export async function readServerVersion(db: Executor): Promise<ServerVersion> {
  const [row] = await db.query<{ name: string; number: number }>(
    `select current_setting('server_version') as name, current_setting('server_version_num')::int as number`,
  );
  return { name: row!.name, isTooOld: row!.number < LEAST_VERSION };
}

/** @throws {OldServerError} before anything is changed in a database that the service could not use. */
export async function refuseOldServer(db: Executor): Promise<void> {
  const { name, isTooOld } = await readServerVersion(db);
  if (!isTooOld) return;
  throw new OldServerError(
    `The database is PostgreSQL ${name}, and the service needs ${LEAST_MAJOR} or newer: upgrade it, or point DATABASE_URL to another`,
  );
}
