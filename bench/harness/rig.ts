import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded-postgres.js';
import { ApiClient } from '../../test/support/api.js';
import { type ServiceProcess, startProcess } from '../../test/support/processes.js';
import { Receiver } from './receiver.js';

export const API_KEY = 'key-of-the-benchmarks';
export const SECRET_KEY = Buffer.alloc(32, 7);

/** What a scenario runs on: a real PostgreSQL, fsync on, and a receiver, each in processes of their own. */
export class Rig implements AsyncDisposable {
  /** @param settings of PostgreSQL, beyond those that users get */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Rig> {
    const opened = new AsyncDisposableStack();
    // Not below /dev/shm: what is not written to a disk costs nothing.
    const directory = await mkdtemp(join(process.env.BENCH_DIR ?? tmpdir(), 'revkeen-webhooks-bench-'));
    opened.defer(() => rm(directory, { recursive: true, force: true }));
    const postgres = opened.adopt(await startEmbeddedPostgres({ dataDir: directory, settings }), (one) => one.stop());
    const receiver = opened.use(await Receiver.start());
    const admin = new pg.Client({ connectionString: postgres.urlFor('postgres') });
    await admin.connect();
    opened.defer(() => admin.end());
    const { rows } = await admin.query('select pg_backend_pid() as pid');
    return new Rig(opened, postgres, receiver, admin, parentOf(rows[0].pid));
  }

  private constructor(
    private readonly opened: AsyncDisposableStack,
    private readonly postgres: EmbeddedPostgres,
    readonly receiver: Receiver,
    private readonly admin: pg.Client,
    /** The process whose children are PostgreSQL's. */
    readonly postgresPid: number,
  ) {}

  /** A database of its own, empty and not migrated. */
  async createDatabase(): Promise<BenchDatabase> {
    const name = `bench_${randomBytes(4).toString('hex')}`;
    await this.admin.query(`create database ${name}`);
    const url = this.postgres.urlFor(name);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return new BenchDatabase(url, client, async () => {
      await client.end();
      await this.admin.query(`drop database ${name} with (force)`);
    });
  }

  /** Has what was written so far on disk, so that it is not written during a measurement. */
  async checkpoint(): Promise<void> {
    await this.admin.query('checkpoint');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened.disposeAsync();
  }
}

/** One database, and the services that run on it. */
export class BenchDatabase implements AsyncDisposable {
  constructor(
    readonly url: string,
    private readonly client: pg.Client,
    private readonly drop: () => Promise<void>,
  ) {}

  async query<Row>(sql: string, values?: unknown[]): Promise<Row[]> {
    return (await this.client.query(sql, values)).rows;
  }

  /** The built service in a process of its own, as anybody would run it; only loopback may be called, over HTTP. */
  async serve(env: Record<string, string> = {}): Promise<Service> {
    const process = await startProcess({
      env: {
        PORT: '0',
        DATABASE_URL: this.url,
        BOOTSTRAP_API_KEY: `default=${API_KEY}`,
        SECRET_KEYS: `bench:${SECRET_KEY.toString('base64')}`,
        WEBHOOK_ALLOW_HTTP: 'true',
        WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8',
        ...env,
      },
    });
    return new Service(process);
  }

  /** Resolves once every delivery has come to its end. */
  async settled(): Promise<void> {
    const open = `select exists (select from webhooks.deliveries where status in ('PENDING', 'RETRYING', 'HELD')) as open`;
    while ((await this.query<{ open: boolean }>(open))[0]!.open) await new Promise((wake) => setTimeout(wake, 20));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drop();
  }
}

/** A running service, and its API. */
export class Service implements AsyncDisposable {
  readonly api: ApiClient;

  constructor(private readonly process: ServiceProcess) {
    this.api = new ApiClient(process.url, API_KEY);
  }

  get url(): string {
    return this.process.url;
  }

  get pid(): number {
    return this.process.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop();
  }
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
