import type { Database, Executor, Statement } from '../storage/database.js';
import { newId } from '../storage/ids.js';
import { isQueuedSql, Lane, type NewJob, type Queue } from '../storage/queue.js';
import { AttemptTrigger } from './attempt.js';
import { changeJobs } from './change-jobs.js';
import { type EndpointWindow, hasJobSql } from './endpoint-window.js';
import { topUp } from './top-up.js';

/** Any number of this service's own: one process sweeps at a time. */
const SWEEP_LOCK = 7_265_110_302;

const LOST_AT_ONCE = 5_000;

const FIND_LOST_JOBS: Statement = {
  name: 'find_lost_jobs',
  text: `
    select account_id as "accountId", id as "deliveryId", endpoint_id as "endpointId", job_trigger as trigger
      from webhooks.deliveries d
     where ${hasJobSql('d')} and not ${isQueuedSql('d.job_id')}
     limit ${LOST_AT_ONCE}
       for update skip locked`,
};

interface LostJob {
  accountId: string;
  deliveryId: string;
  endpointId: string;
  trigger: AttemptTrigger;
}

/**
 * Puts due deliveries that are not in the queue into it, as far as their endpoint's window allows, oldest first.
 * Whatever else goes wrong, this brings every open delivery back on its way. Answers how many it queued.
 */
export async function sweep(db: Database, queue: Queue, window: EndpointWindow, now: Date): Promise<number> {
  const rooms = await window.observe(db, now);
  if (rooms.length === 0) return 0;
  return db.transaction(async (tx) => {
    if (!(await isAlone(tx))) return 0;
    const taken = await topUp(tx, queue, rooms, now);
    return taken.values().reduce((total, count) => total + count, 0);
  });
}

/**
 * Queues deliveries anew whose job is gone: a manual retry at once, anything else with the next sweep in which it is due.
 * Jobs are not lost in the normal run of things; this is for a queue that was tampered with, truncated or restored. Answers
 * how many it found.
 */
export async function replaceLostJobs(db: Database, queue: Queue): Promise<number> {
  return db.transaction(async (tx) => {
    if (!(await isAlone(tx))) return 0;
    const lost = await tx.query<LostJob>(FIND_LOST_JOBS);
    if (lost.length === 0) return 0;
    // Of a delivery that is final, nothing but its job says that somebody wants one more attempt.
    const changes = lost.map((one) => ({ ...one, jobId: one.trigger === AttemptTrigger.MANUAL ? newId() : null }));
    // Looked at once more, now that nobody can change them: one that was being settled has a job that was not to be seen.
    const changed = await changeJobs(tx, changes);
    const jobs = changes.flatMap(({ jobId, ...one }): NewJob[] =>
      jobId !== null && changed.has(one.deliveryId) ? [{ ...one, id: jobId, lane: Lane.Bulk }] : [],
    );
    await queue.insert(tx, jobs);
    return changed.size;
  });
}

async function isAlone(tx: Executor): Promise<boolean> {
  const [row] = await tx.query<{ alone: boolean }>('select pg_try_advisory_xact_lock($1) as alone', [SWEEP_LOCK]);
  return row!.alone;
}
