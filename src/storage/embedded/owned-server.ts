import { rmdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Claim, claimServer } from './claim.js';
import { isRunning, urlOf } from './postmaster.js';

/** The server of a cluster while this process owns it. */
export class OwnedServer {
  readonly #cluster: string;
  readonly #onExit: (detail: string) => void;
  #claim: Claim;
  #stopped: Promise<void> | undefined;

  /** @param onExit called once if the server is lost before `stop` was called */
  constructor(cluster: string, claim: Claim, onExit: (detail: string) => void) {
    this.#cluster = cluster;
    this.#onExit = onExit;
    this.#claim = claim;
    this.#watch();
  }

  urlFor(database: string): string {
    return urlOf(this.#claim.postmaster, database);
  }

  async ensureDatabase(name: string): Promise<void> {
    const { connection } = this.#claim;
    const { rowCount } = await connection.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await connection.query(`create database ${connection.escapeIdentifier(name)}`);
  }

  /** Fast shutdown: sessions are ended, what was committed is safe. Resolves when the process is gone. */
  stop(): Promise<void> {
    this.#stopped ??= this.#shutDown();
    return this.#stopped;
  }

  async #shutDown(): Promise<void> {
    const { postmaster, connection } = this.#claim;
    // The lock is held to the end: nobody takes over a server that is about to stop.
    if (isRunning(postmaster, this.#cluster)) process.kill(postmaster.pid, 'SIGINT');
    while (isRunning(postmaster, this.#cluster)) await delay(10);
    await connection.end();
    await rmdir(postmaster.socketDirectory).catch(() => {});
  }

  /** Claims the server anew when the connection with the lock breaks: after a session's crash PostgreSQL restarts itself. */
  #watch(): void {
    this.#claim.connection.once('end', async () => {
      if (this.#stopped) return;
      const claim = await claimServer(this.#cluster).catch((error: Error) => error);
      if (this.#stopped) {
        if (claim && !(claim instanceof Error)) await claim.connection.end();
      } else if (!claim) {
        this.#onExit(`PostgreSQL ${this.#claim.postmaster.pid} has ended by itself`);
      } else if (claim instanceof Error) {
        this.#onExit(claim.message);
      } else {
        this.#claim = claim;
        this.#watch();
      }
    });
  }
}
