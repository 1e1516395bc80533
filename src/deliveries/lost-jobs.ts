import type { Database, Statement, Transaction } from '../storage/database.js';
import { NIL_ID, newId } from '../storage/ids.js';
import { Chore, takeTurn } from '../storage/locks.js';
import { Lane, type NewJob, type Queue } from '../storage/queue.js';
import { isQueuedSql } from '../storage/queue-statements.js';
import { AttemptTrigger } from './attempt.js';
import { changeJobs } from './change-jobs.js';
import { hasJobSql } from './queued-sql.js';

/** So many deliveries are compared with the queue in one go; the next goes on behind them. */
const SLICE = 5_000;

const READ_SLICE: Statement = {
  name: 'read_slice_of_queued',
  text: `
    select account_id as "accountId", endpoint_id as "endpointId", job_id as "jobId", id as "deliveryId",
           ${isQueuedSql('d.job_id')} as "isQueued"
      from webhooks.deliveries d
     where ${hasJobSql('d')} and (account_id, endpoint_id, job_id) > ($1, $2, $3)
     order by account_id, endpoint_id, job_id
     limit ${SLICE}`,
};

const LOCK_LOST: Statement = {
  name: 'lock_lost',
  text: `
    select d.* from unnest($1::text[], $2::uuid[], $3::uuid[]) as l (account_id, delivery_id, job_id)
     cross join lateral (
       select account_id as "accountId", id as "deliveryId", endpoint_id as "endpointId", job_trigger as trigger
         from webhooks.deliveries
        where account_id = l.account_id and id = l.delivery_id and job_id = l.job_id
          for update skip locked) d`,
};

interface Queued {
  accountId: string;
  endpointId: string;
  jobId: string;
  deliveryId: string;
  isQueued: boolean;
}

interface LostJob {
  accountId: string;
  deliveryId: string;
  endpointId: string;
  trigger: AttemptTrigger;
}

const START = ['', NIL_ID, NIL_ID] as const;

/**
 * Queues deliveries anew whose job is gone: a manual retry at once, anything else with the next sweep in which it is due.
 * Jobs are not lost in the normal run of things; this is for a queue that was tampered with, truncated or restored.
 */
export class LostJobs {
  /** Up to where the deliveries with a job were looked at, in the order of their index. */
  #position: readonly [accountId: string, endpointId: string, jobId: string] = START;

  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
  ) {}

  /** Looks at the next few thousand deliveries. Answers how many it found. */
  async replace(): Promise<number> {
    return this.db.transaction(async (tx) => {
      if (!(await takeTurn(tx, Chore.Sweep))) return 0;
      const slice = await tx.query<Queued>(READ_SLICE, this.#position);
      const last = slice.length === SLICE ? slice.at(-1) : undefined;
      this.#position = last ? [last.accountId, last.endpointId, last.jobId] : START;
      return replace(
        tx,
        this.queue,
        slice.filter(({ isQueued }) => !isQueued),
      );
    });
  }
}

async function replace(tx: Transaction, queue: Queue, missed: readonly Queued[]): Promise<number> {
  if (missed.length === 0) return 0;
  const lost = await tx.query<LostJob>(LOCK_LOST, [
    missed.map(({ accountId }) => accountId),
    missed.map(({ deliveryId }) => deliveryId),
    missed.map(({ jobId }) => jobId),
  ]);
  // Of a delivery that is final, nothing but its job says that somebody wants one more attempt.
  const changes = lost.map((one) => ({ ...one, jobId: one.trigger === AttemptTrigger.MANUAL ? newId() : null }));
  // Looked at once more, now that nobody can change them: one that was being settled has a job that was not to be seen.
  const changed = await changeJobs(tx, changes);
  const jobs = changes.flatMap(({ jobId, ...one }): NewJob[] =>
    jobId !== null && changed.has(one.deliveryId) ? [{ ...one, id: jobId, lane: Lane.Bulk }] : [],
  );
  await queue.insert(tx, jobs);
  return changed.size;
}
