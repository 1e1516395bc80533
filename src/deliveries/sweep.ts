import type { Database, Executor, Statement } from '../storage/database.js';
import { isQueuedSql, type Queue } from '../storage/queue.js';
import type { EndpointWindow } from './endpoint-window.js';
import { topUp } from './top-up.js';

/** Any number of this service's own: one process sweeps at a time. */
const SWEEP_LOCK = 7_265_110_302;

const FORGET_LOST_JOBS: Statement = {
  name: 'forget_lost_jobs',
  text: `
    update webhooks.deliveries d set job_id = null, job_trigger = null
     where d.job_id is not null and not ${isQueuedSql('d.job_id')}
     returning d.id`,
};

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
 * Takes away job ids that name no live job, so that the deliveries are queued anew. Jobs are not lost in the normal
 * run of things; this is for a queue that was tampered with, truncated or restored. Answers the deliveries' ids.
 */
export async function forgetLostJobs(db: Database): Promise<string[]> {
  return db.transaction(async (tx) => {
    if (!(await isAlone(tx))) return [];
    const rows = await tx.query<{ id: string }>(FORGET_LOST_JOBS);
    return rows.map(({ id }) => id);
  });
}

async function isAlone(tx: Executor): Promise<boolean> {
  const [row] = await tx.query<{ alone: boolean }>('select pg_try_advisory_xact_lock($1) as alone', [SWEEP_LOCK]);
  return row!.alone;
}
