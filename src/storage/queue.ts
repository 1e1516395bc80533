import { PgBoss } from 'pg-boss';
import type { Clock } from './clock.js';
import { type Executor, KEEP_ALIVE } from './database.js';
import { BOSS_SCHEMA, FOLLOW_CLOCK_BACK, QUEUE, TEACH_PLANNER, WITHDRAW } from './queue-statements.js';

/** A claim lasts this long unless it is kept alive. */
export const LEASE_SECONDS = 10;
/** How often somebody has to look for jobs whose lease ran out. */
export const RECLAIM_SECONDS = 3;

/** Renewing compares each lease with all others of the statement. */
const TOUCHED_AT_ONCE = 100;

/** Which jobs are claimed together. Lanes have slots of their own, so that none can starve another. */
export enum Lane {
  /** Backlogs, top-ups and retries. */
  Bulk = 0,
  /** The first few deliveries of a publish to an endpoint, manual retries and test events: somebody is waiting. */
  Fresh = 10,
}

/** One attempt to make: which delivery, and when. */
export interface NewJob {
  id: string;
  accountId: string;
  deliveryId: string;
  endpointId: string;
  lane: Lane;
  /** Default: at once. */
  dueAt?: Date;
  /** Whether it sends a test event. */
  isTest?: boolean;
}

/** A job that this process holds until it removes or releases it, or until its lease runs out. */
export interface ClaimedJob {
  readonly id: string;
  /** Which claim of this job this is. With it, a call leaves alone what another process has claimed since. */
  readonly retryCount: number;
  readonly accountId: string;
  readonly deliveryId: string;
  readonly endpointId: string;
  readonly isTest?: boolean;
}

interface JobData {
  accountId: string;
  deliveryId: string;
  endpointId: string;
  isTest?: boolean;
}

export interface QueueOptions {
  url: string;
  name: string;
  clock?: Clock;
  onError: (error: Error) => void;
}

/**
 * The queue of attempts, in pg-boss. A job names a delivery; what to do with it stands in the delivery's row, so a job
 * may be lost, repeated or stale without harm.
 */
export class Queue {
  readonly #boss: PgBoss;

  private constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  /** Connects to an installed queue. */
  static async open(options: QueueOptions): Promise<Queue> {
    const boss = newBoss(options, { migrate: false });
    boss.on('error', options.onError);
    await boss.start();
    return new Queue(boss);
  }

  /** Creates or upgrades pg-boss's tables and the queue. The caller sees to it that one process does so at a time. */
  static async install(options: Pick<QueueOptions, 'url' | 'name'>): Promise<void> {
    const boss = newBoss(options, { migrate: true });
    // Errors of the start itself reject it; an emitter without a listener would end the process instead.
    boss.on('error', () => {});
    await boss.start();
    const queue = {
      // By default pg-boss gives up a job after three lost claims, and forgets one that waited for two weeks. An
      // attempt that is owed stays owed.
      retryLimit: 2_147_483_647,
      retentionSeconds: 365 * 86_400,
      expireInSeconds: 24 * 3_600,
      heartbeatSeconds: LEASE_SECONDS,
      deleteAfterSeconds: 60,
    };
    await boss.createQueue(QUEUE, queue);
    await boss.updateQueue(QUEUE, queue);
    await boss.getDb().executeSql(TEACH_PLANNER);
    await boss.stop({ graceful: false });
  }

  async insert(tx: Executor, jobs: readonly NewJob[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.#boss.insert(
      QUEUE,
      jobs.map(({ id, accountId, deliveryId, endpointId, lane, dueAt, isTest }) => ({
        id,
        data: { accountId, deliveryId, endpointId, ...(isTest && { isTest }) } satisfies JobData,
        priority: lane,
        ...(dueAt && { startAfter: dueAt }),
      })),
      { db: adapt(tx, 'insert_jobs') },
    );
  }

  /** Takes up to `limit` due jobs of a lane, oldest first. */
  async claim(db: Executor, lane: Lane, limit: number): Promise<ClaimedJob[]> {
    const bounds = lane === Lane.Fresh ? { minPriority: Lane.Fresh } : { maxPriority: Lane.Bulk };
    const jobs = await this.#boss.fetch<JobData>(QUEUE, { ...bounds, batchSize: limit, db: adapt(db) });
    return jobs.map(({ id, retryCount, data }) => ({ id, retryCount, ...data }));
  }

  /** Takes jobs out of the queue. Answers the ids of those that were still held under this claim. */
  async remove(tx: Executor, jobs: readonly ClaimedJob[]): Promise<Set<string>> {
    if (jobs.length === 0) return new Set();
    return settledOf(await this.#boss.deleteJob(QUEUE, attemptsOf(jobs), { db: adapt(tx) }));
  }

  /**
   * Takes jobs out of the queue unless somebody has claimed them, or is about to: answers the ids of those. Waits for
   * nobody, so that it may come after other locks.
   */
  async withdraw(tx: Executor, jobIds: readonly string[]): Promise<Set<string>> {
    if (jobIds.length === 0) return new Set();
    const rows = await tx.query<{ id: string }>(WITHDRAW, [jobIds]);
    return new Set(rows.map(({ id }) => id));
  }

  /** Renews the leases of jobs that take long. Answers the ids of those that are still held. */
  async keepAlive(db: Executor, jobs: readonly ClaimedJob[]): Promise<Set<string>> {
    const held = new Set<string>();
    for (let start = 0; start < jobs.length; start += TOUCHED_AT_ONCE) {
      const some = attemptsOf(jobs.slice(start, start + TOUCHED_AT_ONCE));
      for (const id of settledOf(await this.#boss.touch(QUEUE, some, { db: adapt(db) }))) held.add(id);
    }
    return held;
  }

  /** Gives jobs back, to be claimed again at once. */
  async release(db: Executor, jobs: readonly ClaimedJob[]): Promise<void> {
    if (jobs.length > 0) await this.#boss.fail(QUEUE, attemptsOf(jobs), undefined, { db: adapt(db) });
  }

  /** Offers jobs again whose lease ran out, and forgets what is over. Any number of processes may do so at once. */
  async reclaim(): Promise<void> {
    await this.#boss.supervise(QUEUE);
  }

  /** Brings along what lies ahead of the database's clock, should that have been set back. */
  async followClockBack(db: Executor): Promise<void> {
    await db.query(FOLLOW_CLOCK_BACK);
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false });
  }
}

function newBoss(
  { url, name, clock }: Pick<QueueOptions, 'url' | 'name' | 'clock'>,
  { migrate }: { migrate: boolean },
): PgBoss {
  return new PgBoss({
    connectionString: url,
    application_name: `${name} queue`,
    schema: BOSS_SCHEMA,
    max: 2,
    ...KEEP_ALIVE,
    // An upgrade may take as long as it likes.
    ...(migrate && { query_timeout: undefined }),
    migrate,
    createSchema: migrate,
    // Dispatchers do so when they know that leases could be renewed.
    supervise: false,
    monitorIntervalSeconds: RECLAIM_SECONDS - 1,
    schedule: false,
    registerInstance: false,
    ...(clock && 'attach' in clock ? { clock: clock as never } : {}),
  });
}

function attemptsOf(jobs: readonly ClaimedJob[]): { id: string; retryCount: number }[] {
  return jobs.map(({ id, retryCount }) => ({ id, retryCount }));
}

function settledOf(response: object): Set<string> {
  return new Set((response as { settled: string[] }).settled);
}

/**
 * Runs pg-boss's statements on a connection or transaction of ours. They are planned each time, unless they have a name: the
 * best plan depends on how much is queued at the moment.
 */
function adapt(
  db: Executor,
  name?: string,
): { executeSql(text: string, values?: unknown[]): Promise<{ rows: never[] }> } {
  return {
    executeSql: async (text, values) => ({ rows: await db.query<never>(name ? { name, text } : text, values) }),
  };
}
