import type { Pool, PoolClient } from 'pg';
import { DataSource, type EntityManager, type EntitySchema, type MixedList } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import type { Connections, Metrics } from '../metrics.js';
import { SnakeCaseColumns } from './naming.js';

/** The schema that holds every table of this service, so that it can share a database with another product. */
export const SCHEMA = 'webhooks';

/** How long to wait for a connection: for a free one of the pool, or for a server that does not answer. */
const CONNECTION_TIMEOUT_MS = 10_000;

/** A statement may take so long; a server that has not answered a little later is taken for gone. */
const STATEMENT_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

/**
 * What the connections of our pools ask of the server: to take back the locks of a process that has stopped in the middle of a
 * transaction, or that the network has lost. Others wait for them.
 */
const SAFETY_SETTINGS = {
  idle_in_transaction_session_timeout: '5s',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
};

/** What every client of PostgreSQL does to notice that the server is gone. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000, query_timeout: ANSWER_TIMEOUT_MS };

/** For a transaction that only holds a lock while others do the work. */
export const MAY_IDLE = 'set local idle_in_transaction_session_timeout = 0';

/**
 * Settings of connections that look things up often: every row is looked up by an index, whatever the statistics say. A new
 * day's tables have none, and a plan made while they were empty would read them from end to end later.
 */
export const HOT_SETTINGS = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
};

/** A statement that is sent often: PostgreSQL parses and plans it once per connection, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Anything that runs SQL: a pool, where each call may use another connection, or a transaction. */
export interface Executor {
  query<Row>(statement: string | Statement, values?: readonly unknown[]): Promise<Row[]>;
}

/** An open transaction. What takes one never commits; whoever opened it does. */
export interface Transaction extends Executor {
  /** TypeORM's view of the same transaction, for the tables that people edit. */
  readonly manager: EntityManager;
}

export interface DatabaseOptions {
  /** `postgresql://…`, over TCP or a unix socket (`?host=/directory`). */
  url: string;
  /** Shown in `pg_stat_activity`. */
  name: string;
  /** TypeORM entities: tables that are read and written as objects. */
  entities?: MixedList<string | EntitySchema | (new () => object)>;
  poolSize?: number;
  /** Whether a statement may take as long as it likes, as migrations do. */
  isPatient?: boolean;
  /** How long to wait for a connection, and for an answer, where there is no time for more. */
  answerTimeoutMs?: number;
  /** SQL settings of every connection, such as `{ enable_seqscan: 'off' }`. */
  settings?: Readonly<Record<string, string>>;
  /** Told when an idle connection breaks; the pool replaces it by itself. */
  onConnectionLost?: (error: Error) => void;
  /** Where it shows how busy its connections are. */
  metrics?: Metrics;
}

/** A pool of connections to PostgreSQL, with TypeORM on top for those who want objects. */
export class Database implements Executor {
  static async open(options: DatabaseOptions): Promise<Database> {
    const statementTimeout = options.isPatient ? '0' : `${STATEMENT_TIMEOUT_MS}`;
    const settings = { ...SAFETY_SETTINGS, statement_timeout: statementTimeout, ...options.settings };
    const dataSource = new DataSource({
      type: 'postgres',
      url: options.url,
      schema: SCHEMA,
      applicationName: options.name,
      namingStrategy: new SnakeCaseColumns(),
      entities: options.entities ?? [],
      migrations,
      poolErrorHandler: options.onConnectionLost ?? (() => {}),
      extra: {
        max: options.poolSize ?? 10,
        connectionTimeoutMillis: options.answerTimeoutMs ?? CONNECTION_TIMEOUT_MS,
        ...KEEP_ALIVE,
        ...(options.answerTimeoutMs !== undefined && { query_timeout: options.answerTimeoutMs }),
        ...(options.isPatient && { query_timeout: undefined }),
        options: Object.entries(settings)
          .map(([name, value]) => `-c ${name}=${value}`)
          .join(' '),
      },
    });
    await dataSource.initialize();
    const database = new Database(dataSource);
    options.metrics?.watchPool(options.name, () => database.#connections);
    // While a client changes hands nobody else listens, and an error that nobody hears ends the process.
    database.#pool.on('connect', (client) => void client.on('error', () => {}));
    // One that was given up in the middle of a statement or a transaction is of no use to the next.
    database.#pool.on('release', (_error, client) => {
      const { readyForQuery } = client as PoolClient & { readyForQuery: boolean };
      if (!readyForQuery || ['T', 'E'].includes(client.getTransactionStatus() ?? '')) client.end().catch(() => {});
    });
    return database;
  }

  readonly #pool: Pool;

  private constructor(readonly dataSource: DataSource) {
    this.#pool = (dataSource.driver as unknown as { master: Pool }).master;
  }

  get manager(): EntityManager {
    return this.dataSource.manager;
  }

  async query<Row>(statement: string | Statement, values?: readonly unknown[]): Promise<Row[]> {
    return run<Row>(this.#pool, statement, values);
  }

  /** Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. */
  async transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.dataSource.transaction((manager) => this.#run(manager, work));
  }

  /** Runs `read` in a transaction that sees one moment, however long it takes. */
  async inOneMoment<Result>(read: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.dataSource.transaction('REPEATABLE READ', (manager) => this.#run(manager, read));
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
  }

  get #connections(): Connections {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { busy: totalCount - idleCount, idle: idleCount, awaited: waitingCount };
  }

  async #run<Result>(manager: EntityManager, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const client: PoolClient = await manager.queryRunner!.connect();
    return work({ manager, query: (statement, values) => run(client, statement, values) });
  }
}

async function run<Row>(
  client: Pool | PoolClient,
  statement: string | Statement,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const query = typeof statement === 'string' ? { text: statement } : statement;
  const { rows } = await client.query({ ...query, values: values as unknown[] });
  return rows as Row[];
}

/** So much waits for the database already that more would only wait longer. */
export class OverloadError extends Error {
  override readonly name = 'OverloadError';
}

/**
 * Whether the database is away: unreachable, starting, stopping, read-only, out of resources or far behind. What was
 * asked of it may or may not have been done.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof OverloadError) return true;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  // Errors of the connection itself: of the system, such as EPIPE, or of the driver, which gives no code.
  if (/^E[A-Z]+$/.test(code)) return true;
  if (/^[0-9A-Z]{5}$/.test(code)) return /^(08(?!P01)|25006|25P03|53|57(?!014)|58)/.test(code);
  // The last is TypeORM's word for a connection that broke since the statement before.
  return code === '' && /connection|timeout|query runner already released/i.test(message);
}

/** Whether the same statement may succeed later: the database is away or slow, or transactions got in each other's way. */
export function isTransient(error: unknown): boolean {
  return isUnreachable(error) || /^(40...|55P03|57014)$/.test((error as { code?: string }).code ?? '');
}
