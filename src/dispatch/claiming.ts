import type { Log } from '../log.js';
import { Signal } from '../signal.js';
import type { Database } from '../storage/database.js';
import { type ClaimedJob, Lane, type Queue } from '../storage/queue.js';
import type { Leases } from './leases.js';
import { LANES, type LineUp } from './line-up.js';
import { thisMoment } from './moment.js';

export interface ClaimingOptions {
  database: Database;
  queue: Queue;
  lineUp: LineUp;
  leases: Leases;
  /** Whether so much waits to be recorded that nothing more should be begun. */
  isBehind: () => boolean;
  /** Told when jobs have lined up. */
  onClaimed: () => void;
  log: Log;
}

/** How often each lane looks for due jobs when nothing rings: NOTIFY tells of new jobs, never of old ones now due. */
const POLL_MS = 500;

/** Jobs in one claim, at most. */
const MAX_CLAIM = 100;

/** Claims due jobs ahead, each lane on its own, as far as there is room in the line-up. */
export class Claiming {
  readonly #options: ClaimingOptions;
  readonly #due: Record<Lane, Signal> = { [Lane.Fresh]: new Signal(), [Lane.Bulk]: new Signal() };
  readonly #awaitsRoom: Record<Lane, boolean> = { [Lane.Fresh]: false, [Lane.Bulk]: false };
  #isStopped = false;

  constructor(options: ClaimingOptions) {
    this.#options = options;
  }

  /** Resolves once it is stopped, and what arrived while it stopped is given back. */
  async run(): Promise<void> {
    await Promise.all(LANES.map((lane) => this.#claim(lane)));
  }

  /** Jobs may have become due. */
  wake(): void {
    for (const lane of LANES) this.#due[lane].announce();
  }

  /** There may be room again for lanes that had none. */
  wakeForRoom(): void {
    for (const lane of LANES) if (this.#awaitsRoom[lane]) this.#due[lane].announce();
  }

  /** Claims nothing more, and gives back what has not started. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.wake();
    await this.giveBackIfStopped();
  }

  /** Nobody starts any more what came into the line-up, or back to it, after the stop. */
  async giveBackIfStopped(): Promise<void> {
    if (!this.#isStopped) return;
    const { queue, database, lineUp, leases, log } = this.#options;
    const unstarted = lineUp.clear();
    leases.drop(unstarted);
    await queue.release(database, unstarted).catch((error) => {
      log.warn({ err: error, jobs: unstarted.length }, 'jobs not given back; their leases will run out');
    });
  }

  async #claim(lane: Lane): Promise<void> {
    const { lineUp, isBehind, onClaimed } = this.#options;
    while (!this.#isStopped) {
      const limit = isBehind() ? 0 : Math.min(MAX_CLAIM, lineUp.room(lane));
      const count = limit > 0 ? await this.#claimSome(lane, limit) : 0;
      if (count > 0) onClaimed();
      await this.giveBackIfStopped();
      this.#awaitsRoom[lane] = limit === 0;
      // A full claim says that there is more; anything else waits for a ring, for room or for its time.
      if (count < limit || limit === 0) await this.#due[lane].wait(POLL_MS);
    }
  }

  /** Answers how many jobs it got. */
  async #claimSome(lane: Lane, limit: number): Promise<number> {
    const { queue, database, lineUp, leases, log } = this.#options;
    const claimedAt = thisMoment();
    let jobs: ClaimedJob[] = [];
    try {
      jobs = await queue.claim(database, lane, limit);
    } catch (error) {
      log.error({ err: error, lane: Lane[lane] }, 'jobs not claimed');
    }
    // What is not admitted is offered again when its lease runs out, in ten seconds or so.
    const admitted = jobs.filter((job) => lineUp.admit(job, lane));
    leases.add(admitted, claimedAt);
    return jobs.length;
  }
}
