import { PgBoss } from 'pg-boss';
import type { Clock } from './clock.js';
import { type Executor, KEEP_ALIVE, SCHEMA, type Statement } from './database.js';

const QUEUE = 'attempts';
/** A claim lasts this long unless it is kept alive. */
export const LEASE_SECONDS = 10;
/** How often somebody has to look for jobs whose lease ran out. */
export const RECLAIM_SECONDS = 3;

const BOSS_SCHEMA = `${SCHEMA}_queue`;

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
}

/** A job that this process holds until it removes or releases it, or until its lease runs out. */
export interface ClaimedJob {
  readonly id: string;
  /** Which claim of this job this is. With it, a call leaves alone what another process has claimed since. */
  readonly retryCount: number;
  readonly accountId: string;
  readonly deliveryId: string;
  readonly endpointId: string;
}

interface JobData {
  accountId: string;
  deliveryId: string;
  endpointId: string;
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
      jobs.map(({ id, accountId, deliveryId, endpointId, lane, dueAt }) => ({
        id,
        data: { accountId, deliveryId, endpointId } satisfies JobData,
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

// Of a table that was empty when it was last looked at, PostgreSQL knows nothing, and takes every job in it for the only one:
// it then compares all of them with each that is claimed. So it is shown once what a busy queue looks like.
const TEACH_PLANNER = `
  do $$ begin
    if exists (select from pg_stats where schemaname = '${BOSS_SCHEMA}' and tablename = 'job_common' and attname = 'name') then
      return;
    end if;
    insert into ${BOSS_SCHEMA}.job_common (id, name, priority, state, start_after, policy)
    select gen_random_uuid(), '${QUEUE}', case when n % 2 = 0 then ${Lane.Fresh} else ${Lane.Bulk} end,
           (case when n % 4 < 2 then 'created' else 'active' end)::${BOSS_SCHEMA}.job_state, 'infinity', 'standard'
      from generate_series(1, 2000) n;
    analyze ${BOSS_SCHEMA}.job_common;
    delete from ${BOSS_SCHEMA}.job_common where name = '${QUEUE}' and start_after = 'infinity';
  end $$`;

const NOW = `${BOSS_SCHEMA}.job_now()`;
/** A clock that was corrected by less is not worth following. */
const AHEAD = `${NOW} + interval '5 seconds'`;

// Jobs and leases are timed by the database's clock. When that is set back, what lies ahead of it comes along.
const FOLLOW_CLOCK_BACK: Statement = {
  name: 'follow_clock_back',
  text: `
    with ahead as (
      select id from ${BOSS_SCHEMA}.job
       where name = '${QUEUE}'
         and ((state < 'completed' and created_on > ${AHEAD})
           or (state = 'retry' and start_after > ${AHEAD})
           or (state = 'active' and greatest(started_on, heartbeat_on) > ${AHEAD}))
       order by id
         for update skip locked),
    jobs as (
      update ${BOSS_SCHEMA}.job j
         set start_after = case state when 'created' then start_after - greatest(created_on - ${NOW}, interval '0')
                                      when 'retry' then least(start_after, ${NOW}) else start_after end,
             created_on = least(created_on, ${NOW}), started_on = least(started_on, ${NOW}),
             heartbeat_on = least(heartbeat_on, ${NOW})
        from ahead a where j.name = '${QUEUE}' and j.id = a.id)
    update ${BOSS_SCHEMA}.queue set monitor_on = null, monitor_claim_on = null
     where name = '${QUEUE}' and greatest(monitor_on, monitor_claim_on) > ${AHEAD}`,
};

// Jobs that this statement sees and cannot have are in somebody's hands.
const WITHDRAW: Statement = {
  name: 'withdraw_jobs',
  text: `
    with free as materialized (
      select name, id from ${BOSS_SCHEMA}.job
       where name = '${QUEUE}' and id = any ($1::uuid[]) and state < 'active'
         for update skip locked),
    withdrawn as (
      delete from ${BOSS_SCHEMA}.job j using free f where j.name = f.name and j.id = f.id returning j.id)
    select j.id from ${BOSS_SCHEMA}.job j
     where j.name = '${QUEUE}' and j.id = any ($1::uuid[]) and j.state < 'completed'
       and not exists (select from withdrawn w where w.id = j.id)`,
};

/** Whether a job that can still be claimed has this id: SQL, for statements that compare deliveries with their jobs. */
export function isQueuedSql(jobId: string): string {
  // By the whole key, and a value rather than a condition: PostgreSQL would make a join of it, and without statistics compare
  // every delivery with every job.
  return `coalesce((
    select true from ${BOSS_SCHEMA}.job j where j.name = '${QUEUE}' and j.id = ${jobId} and j.state < 'completed'), false)`;
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

/** Renewing compares each lease with all others of the statement. */
const TOUCHED_AT_ONCE = 100;

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
