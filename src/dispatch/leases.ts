import type { Executor } from '../storage/database.js';
import { type ClaimedJob, LEASE_SECONDS, type Queue } from '../storage/queue.js';

/** A claim that was not renewed for this long is no longer relied on: another process may get it soon. */
const RELIABLE_FOR_MS = LEASE_SECONDS * 1_000 - 2_000;

interface Lease {
  job: ClaimedJob;
  renewedAtMs: number;
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

  /** @param claimedAtMs `performance.now()` from before the jobs were claimed */
  add(jobs: readonly ClaimedJob[], claimedAtMs: number): void {
    for (const job of jobs) this.#leases.set(job.id, { job, renewedAtMs: claimedAtMs });
  }

  /** Whether a job is still ours beyond doubt: not so after the process was suspended or cut off from the database. */
  isReliable({ id }: ClaimedJob): boolean {
    const lease = this.#leases.get(id);
    return lease !== undefined && performance.now() - lease.renewedAtMs < RELIABLE_FOR_MS;
  }

  drop(jobs: readonly ClaimedJob[]): void {
    for (const { id } of jobs) this.#leases.delete(id);
  }

  /** Renews all of them. Those that another process has taken over are dropped. */
  async renew(): Promise<void> {
    const renewedAtMs = performance.now();
    const jobs = [...this.#leases.values()].map(({ job }) => job);
    const held = await this.queue.keepAlive(this.db, jobs);
    for (const job of jobs) {
      const lease = this.#leases.get(job.id);
      // It may have been given back and claimed again meanwhile.
      if (lease?.job !== job) continue;
      if (held.has(job.id)) lease.renewedAtMs = renewedAtMs;
      else this.#leases.delete(job.id);
    }
  }
}
