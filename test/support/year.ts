import { TestClock } from 'pg-boss';
import { turnOver } from '../../src/dispatch/turn-over.js';
import { createLog } from '../../src/log.js';
import { Database } from '../../src/storage/database.js';
import { Doorbell } from '../../src/storage/doorbell.js';
import { newId, toTypeId } from '../../src/storage/ids.js';
import { eventually } from './eventually.js';
import { type Setup, setUp } from './service.js';

export const DAY_MS = 86_400_000;

/** How many finished stories each day gets beside those that the service makes. */
export const STORIES_A_DAY = 20;

const TELL_STORIES = `
  with story as (select * from unnest($2::uuid[], $3::timestamptz[]) as s (id, at)),
    event as (
      insert into webhooks.events select 'default', id, 'invoice.paid', '{}', true, null, at from story),
    delivery as (
      insert into webhooks.deliveries
      select 'default', id, $1, 'invoice.paid', id, true, 'SUCCEEDED', 1, 1, null, null, null, 1, at, at, at from story)
  insert into webhooks.attempts
  select 'default', id, 1, id, 'SCHEDULED', 'SUCCEEDED', '[]', 200, '[]', '', false, 1, null, at from story`;

/** What PostgreSQL has to keep about the tables of a database, row by row. */
export interface Catalog {
  tables: number;
  indexes: number;
  columns: number;
  constraints: number;
  dependencies: number;
}

/** A service whose days pass as fast as they can be turned over. */
export class Year implements AsyncDisposable {
  /** On the first day, today, with RETENTION_DAYS days kept. */
  static async begin(retentionDays: number): Promise<Year> {
    await using opened = new AsyncDisposableStack();
    const clock = new TestClock(Date.now());
    const env = { RETENTION_DAYS: `${retentionDays}`, AUTO_DISABLE_AFTER: 'off' };
    const setup = opened.use(await setUp({ clock, env, databaseSettings: { 'pgboss.test_clock': 'on' } }));
    const database = opened.adopt(await Database.open({ url: setup.database.url, name: 'year' }), (one) => one.close());
    const doorbell = opened.adopt(
      await Doorbell.open({ url: setup.database.url, name: 'year', onConnectionLost: () => {} }),
      (one) => one.close(),
    );
    return new Year(setup, clock, database, doorbell, retentionDays, opened.move());
  }

  /** The stories of each day, as ids of events of the API. */
  readonly stories = new Map<number, string[]>();

  private constructor(
    readonly setup: Setup,
    private readonly clock: TestClock,
    private readonly database: Database,
    private readonly doorbell: Doorbell,
    private readonly retentionDays: number,
    private readonly opened: AsyncDisposableStack,
  ) {}

  /** The instant at which today began. */
  get today(): number {
    return Math.floor(this.clock.now() / DAY_MS) * DAY_MS;
  }

  get now(): number {
    return this.clock.now();
  }

  /** Goes on by a day, and does what a dispatcher does once an hour. */
  async nextDay(): Promise<void> {
    await this.clock.setTime(this.clock.now() + DAY_MS);
    // A dispatcher looks twice a second for what has become due: too seldom for such a year.
    this.doorbell.ring('due');
    await this.turnOver();
  }

  /** As a dispatcher does; that of the service may be at it. */
  async turnOver(): Promise<void> {
    const { database, retentionDays, clock } = this;
    const turning = { database, retentionDays, clock, log: createLog({ level: 'error' }) };
    await eventually('the day is turned over', async () => (await turnOver(turning)) === 'done');
  }

  /** Events of today that were delivered to an endpoint at once. */
  async tellStories(endpointUuid: string): Promise<void> {
    const ids = Array.from({ length: STORIES_A_DAY }, () => newId(this.clock.now()));
    await this.database.query(TELL_STORIES, [endpointUuid, ids, ids.map(() => new Date(this.clock.now()))]);
    this.stories.set(
      this.today,
      ids.map((id) => toTypeId('evt', id)),
    );
  }

  /** The days that a table has partitions for, as instants. */
  async daysOf(table: 'events' | 'deliveries' | 'attempts'): Promise<number[]> {
    const rows = await this.database.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits
        where inhparent = 'webhooks.${table}'::regclass order by name`,
    );
    return rows.map(({ name }) => Date.parse(name.slice(-8).replace(/(....)(..)(..)/, '$1-$2-$3')));
  }

  async readCatalog(): Promise<Catalog> {
    const [catalog] = await this.database.query<Catalog>(
      `select (select count(*)::int from pg_class where relkind in ('r', 'p')) as tables,
              (select count(*)::int from pg_index) as indexes,
              (select count(*)::int from pg_attribute) as columns,
              (select count(*)::int from pg_constraint) as constraints,
              (select count(*)::int from pg_depend) as dependencies`,
    );
    return catalog!;
  }

  /** How many rows each of the tables has that have no partitions and grow with what is sent. */
  async countRest(): Promise<{ stats: number; keys: number; jobs: number }> {
    const [rest] = await this.database.query<{ stats: number; keys: number; jobs: number }>(
      `select (select count(*)::int from webhooks.endpoint_stats) as stats,
              (select count(*)::int from webhooks.idempotency_keys) as keys,
              (select count(*)::int from webhooks_queue.job) as jobs`,
    );
    return rest!;
  }

  /** All ids of a list, page by page. */
  async list(list: 'events' | 'deliveries'): Promise<string[]> {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const { nodes, pageInfo } = await this.setup.api.page(list, { first: 100, after });
      ids.push(...nodes.map(({ id }) => id));
      after = (pageInfo.hasNextPage && pageInfo.endCursor) || undefined;
    } while (after);
    return ids;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened.disposeAsync();
  }
}
