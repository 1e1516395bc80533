import type { Executor } from './database.js';

/** Where the time comes from. Tests hand in one that they move by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Clocks so far apart are taken to tell the same time: the difference may as well be the way to the database. */
const TOLERANCE_MS = 250;

/**
 * The clock of the database, which all processes share, so that what one of them finds due is due for all. Runs by itself
 * between two looks: it does not follow this machine's clock when that is set.
 */
export class DatabaseClock implements Clock {
  #offsetMs = 0;

  now(): number {
    return Math.round(runningMs() + this.#offsetMs);
  }

  /** Looks at the database's clock. Answers by how many milliseconds this one was wrong and has been set; 0 if not. */
  async follow(db: Executor): Promise<number> {
    const askedAtMs = runningMs();
    const [row] = await db.query<{ now: string }>('select extract(epoch from clock_timestamp()) * 1000 as now');
    const answeredAtMs = runningMs();
    const differenceMs = Number(row!.now) - (askedAtMs + answeredAtMs) / 2 - this.#offsetMs;
    if (Math.abs(differenceMs) <= TOLERANCE_MS + (answeredAtMs - askedAtMs) / 2) return 0;
    this.#offsetMs += differenceMs;
    return differenceMs;
  }
}

/** Milliseconds since the Unix epoch by this machine's clock as it was when the process started. */
function runningMs(): number {
  return performance.timeOrigin + performance.now();
}
