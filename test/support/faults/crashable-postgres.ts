import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinaries, prepareBinaries } from '../../../src/storage/embedded/binaries.js';
import { ensureCluster, environment } from '../../../src/storage/embedded/cluster.js';
import { openHome } from '../../../src/storage/embedded/home.js';

const run = promisify(execFile);

const PORT = 5432;
const SETTINGS = ['max_connections=200', 'shared_buffers=128MB', 'autovacuum_naptime=10s', 'log_min_messages=log'];

/** A PostgreSQL of a test's own that can be taken away, crashed and brought back at the same address. Syncs to disk. */
export class CrashablePostgres implements AsyncDisposable {
  static async start(): Promise<CrashablePostgres> {
    const directory = await mkdtemp(join(tmpdir(), 'revkeen-faults-'));
    const home = await openHome(directory);
    const binaries = await prepareBinaries(findBinaries(), home);
    await ensureCluster(home, binaries);
    const socketDirectory = await mkdtemp(join(tmpdir(), 'revkeen-socket-'));
    if (home.user.uid !== undefined) await chown(socketDirectory, home.user.uid, home.user.gid!);
    const postgres = new CrashablePostgres(directory, socketDirectory, home, binaries);
    await postgres.start();
    return postgres;
  }

  readonly url: string;
  #client: pg.Client | undefined;

  private constructor(
    private readonly directory: string,
    private readonly socketDirectory: string,
    private readonly home: Awaited<ReturnType<typeof openHome>>,
    private readonly binaries: string,
  ) {
    this.url = `postgresql://postgres@${encodeURIComponent(socketDirectory)}:${PORT}/postgres?sslmode=disable`;
  }

  /** Resolves once it takes connections. */
  async start(): Promise<void> {
    const options = ['listen_addresses=', `unix_socket_directories=${this.socketDirectory}`, ...SETTINGS];
    await this.#control('start', '-o', options.map((option) => `-c ${option}`).join(' '));
  }

  /** Goes away: in order, or as it does when the power fails. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.#leave();
    await this.#control('stop', '-m', mode);
  }

  /** Crashes and comes back. */
  async crash(): Promise<void> {
    await this.#leave();
    await this.#control('restart', '-m', 'immediate');
  }

  /** Takes no writes from now on, like a standby that was failed over to too early; or takes them again. */
  async setReadOnly(isReadOnly: boolean): Promise<void> {
    await this.query(`alter system set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`);
    await this.query('select pg_reload_conf()');
  }

  /** Runs a statement as an administrator, who may write in any case. */
  async query<Row>(sql: string, values?: unknown[]): Promise<Row[]> {
    if (!this.#client) {
      const options = '-c default_transaction_read_only=off';
      const client = new pg.Client({ connectionString: this.url, options, application_name: 'test' });
      client.on('error', () => {
        this.#client = undefined;
      });
      await client.connect();
      this.#client = client;
    }
    return (await this.#client.query(sql, values)).rows as Row[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('immediate').catch(() => {});
    await rm(this.directory, { recursive: true, force: true });
    await rm(this.socketDirectory, { recursive: true, force: true });
  }

  async #leave(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #control(command: string, ...options: string[]): Promise<void> {
    const { cluster, directory, user } = this.home;
    const args = ['-D', cluster, '-l', join(this.socketDirectory, 'log'), '-w', '-t', '60', ...options, command];
    await run(join(this.binaries, 'bin', 'pg_ctl'), args, { ...user, cwd: directory, env: environment });
  }
}
