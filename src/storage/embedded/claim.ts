import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { findPostmaster, isListening, isRunning, PORT, type Postmaster } from './postmaster.js';

/** A server and the connection whose lock says that it is ours. The lock goes when this process dies, however it dies. */
export interface Claim {
  readonly postmaster: Postmaster;
  readonly connection: Client;
}

/** `revkeen` in ASCII; a session-level advisory lock in the database `postgres`. */
const OWNER_LOCK = '0x7265766b65656e';
/** A killed owner's lock is free within milliseconds; more than that means that the owner lives. */
const LOCK_PATIENCE = '1s';
const SILENCE_PATIENCE_MS = 30_000;

const CANNOT_CONNECT_NOW = '57P03';
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Waits until the server of `cluster` takes connections and claims it, whoever started it. Recovery after a crash may
 * take its time. `undefined` means that the server has gone, for instance because it was just shutting down.
 */
export async function claimServer(cluster: string): Promise<Claim | undefined> {
  let giveUpAt = Date.now() + SILENCE_PATIENCE_MS;
  for (;;) {
    const postmaster = await findPostmaster(cluster);
    if (!postmaster) return undefined;
    if (!isRunning(postmaster, cluster) && (await isListening(postmaster))) {
      throw inUse(cluster, 'a PostgreSQL that is not in this container');
    }
    try {
      return { postmaster, connection: await connectAsOwner(postmaster, cluster) };
    } catch (error) {
      if (error instanceof EmbeddedPostgresError) throw error;
      const { code, message } = error as Error & { code?: string };
      if (code === CANNOT_CONNECT_NOW) giveUpAt = Date.now() + SILENCE_PATIENCE_MS;
      if (Date.now() > giveUpAt) {
        throw new EmbeddedPostgresError(
          `PostgreSQL ${postmaster.pid} runs on ${cluster} and does not answer (${message}): stop it with kill -INT ${postmaster.pid}`,
        );
      }
    }
    await delay(20);
  }
}

async function connectAsOwner({ socketDirectory }: Postmaster, cluster: string): Promise<Client> {
  if (socketDirectory === '') throw new Error('it does not listen yet');
  const connection = new Client({
    host: socketDirectory,
    port: PORT,
    user: 'postgres',
    database: 'postgres',
    ssl: false,
    application_name: `process ${process.pid}`,
    connectionTimeoutMillis: 5_000,
  });
  connection.on('error', () => {});
  try {
    await connection.connect();
    await connection.query(`set local lock_timeout = '${LOCK_PATIENCE}'; select pg_advisory_lock(${OWNER_LOCK})`);
    return connection;
  } catch (error) {
    const isTaken = (error as { code?: string }).code === LOCK_NOT_AVAILABLE;
    const refusal = isTaken ? inUse(cluster, await ownerOf(connection)) : error;
    await connection.end();
    throw refusal;
  }
}

/** As it named itself when it connected: `process 4711`. */
async function ownerOf(connection: Client): Promise<string> {
  const { rows } = await connection.query<{ name: string }>(
    `select application_name as name from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and application_name like 'process %'`,
  );
  return rows[0]?.name ?? 'another process';
}

function inUse(cluster: string, whose: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `${cluster} is in use by ${whose}: stop that first, set another DATA_DIR, or share a server with DATABASE_URL`,
  );
}
