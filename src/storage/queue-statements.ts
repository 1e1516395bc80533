import { type Executor, SCHEMA, type Statement } from './database.js';

/** The tables of pg-boss, for the few statements that it has no function for. */
export const BOSS_SCHEMA = `${SCHEMA}_queue`;

/** The queue's name among others that pg-boss might keep. */
export const QUEUE = 'attempts';

// Of a table that was empty when it was last looked at, PostgreSQL knows nothing, and takes every job in it for the only one:
// it then compares all of them with each that is claimed. So it is shown once what a busy queue looks like.
export const TEACH_PLANNER = `
  do $$ begin
    if exists (select from pg_stats where schemaname = '${BOSS_SCHEMA}' and tablename = 'job_common' and attname = 'name') then
      return;
    end if;
    insert into ${BOSS_SCHEMA}.job_common (id, name, priority, state, start_after, policy)
    select gen_random_uuid(), '${QUEUE}', case when n % 2 = 0 then 10 else 0 end,
           (case when n % 4 < 2 then 'created' else 'active' end)::${BOSS_SCHEMA}.job_state, 'infinity', 'standard'
      from generate_series(1, 2000) n;
    analyze ${BOSS_SCHEMA}.job_common;
    delete from ${BOSS_SCHEMA}.job_common where name = '${QUEUE}' and start_after = 'infinity';
  end $$`;

const NOW = `${BOSS_SCHEMA}.job_now()`;
/** A clock that was corrected by less is not worth following. */
const AHEAD = `${NOW} + interval '5 seconds'`;

// Jobs and leases are timed by the database's clock. When that is set back, what lies ahead of it comes along.
export const FOLLOW_CLOCK_BACK: Statement = {
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

// Deferred jobs have their time in `start_after`; claimed ones keep it.
const READ_DUE: Statement = {
  name: 'read_due_jobs',
  text: `
    select count(*)::int as count, min(greatest(start_after, created_on)) as "oldestDueAt"
      from ${BOSS_SCHEMA}.job
     where name = '${QUEUE}' and state < 'completed' and start_after <= ${NOW}`,
};

/** How many jobs may start by now or are under way, and since when the oldest of them may. */
export async function readDueJobs(db: Executor): Promise<{ count: number; oldestDueAt: Date | null }> {
  const [due] = await db.query<{ count: number; oldestDueAt: Date | null }>(READ_DUE);
  return due!;
}

// Jobs that this statement sees and cannot have are in somebody's hands.
export const WITHDRAW: Statement = {
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
