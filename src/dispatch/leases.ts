import type { Executor } from '../storage/database.js';
import { type ClaimedJob, LEASE_SECONDS, type Queue } from '../storage/queue.js';
import { elapsedMs, type Moment, thisMoment } from './moment.js';

/** A claim that was not renewed for this long is no longer relied on: another process may get it soon. */
const RELIABLE_FOR_MS = LEASE_SECONDS * 1_000 - 2_000;

/** One that is younger can wait until the next time, three seconds later. Most jobs are done by then. */
const WORTH_RENEWING_MS = 1_500;

interface Lease {
  job: ClaimedJob;
  renewedAt: Moment;
}

/**
 * The jobs that this process has claimed. While they are kept alive nobody else gets them, however slow a receiver is;
 * once this process stops doing so, another takes over.
 */
export class Leases {
  readonly #leases = new Map<string, Lease>();

  constructor(
    private readonly queue: Queue,
    private readonly db: Executor,
  ) {}

  /** @param claimedAt from before the jobs were claimed */
  add(jobs: readonly ClaimedJob[], claimedAt: Moment): void {
    for (const job of jobs) this.#leases.set(job.id, { job, renewedAt: claimedAt });
  }

  /** Whether a job is still ours beyond doubt: not so after the process was suspended or cut off from the database. */
  isReliable(job: ClaimedJob): boolean {
    const lease = this.#leases.get(job.id);
    // One that was lost and claimed again is another claim of the same job.
    return lease?.job === job && elapsedMs(lease.renewedAt) < RELIABLE_FOR_MS;
  }

  drop(jobs: readonly ClaimedJob[]): void {
    for (const job of jobs) if (this.#leases.get(job.id)?.job === job) this.#leases.delete(job.id);
  }

  /** Renews all that are not new. Those that another process has taken over are dropped. */
  async renew(): Promise<void> {
    const renewedAt = thisMoment();
    const jobs = [...this.#leases.values()]
      .filter((lease) => elapsedMs(lease.renewedAt) >= WORTH_RENEWING_MS)
      .map(({ job }) => job);
    const held = await this.queue.keepAlive(this.db, jobs);
    for (const job of jobs) {
      const lease = this.#leases.get(job.id);
      // It may have been given back and claimed again meanwhile.
      if (lease?.job !== job) continue;
      if (held.has(job.id)) lease.renewedAt = renewedAt;
      else this.#leases.delete(job.id);
    }
  }
}
