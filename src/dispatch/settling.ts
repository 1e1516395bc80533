import { AttemptTrigger } from '../deliveries/attempt.js';
import { DisabledReason } from '../endpoints/endpoint.js';
import type { Log } from '../log.js';
import { Signal } from '../signal.js';
import { isTransient } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import type { Leases } from './leases.js';
import { logDisabled, logSettled } from './log-settled.js';
import { type FinishedAttempt, type SettleOptions, settle } from './settle.js';

export interface SettlingOptions extends SettleOptions {
  doorbell: Doorbell;
  leases: Leases;
  /** Told when deliveries that waited outside the queue are in it now. */
  onToppedUp: () => void;
  log: Log;
}

const LOOK_EVERY_MS = 500;
const PAUSE_AFTER_ERROR_MS = 500;
const PATIENCE_WHEN_STOPPING_MS = 5_000;
const MAX_BATCH = 500;

/** Puts finished attempts on record: one batch after the other, of all that finished meanwhile. */
export class Settling {
  readonly #options: SettlingOptions;
  readonly #finished: FinishedAttempt[] = [];
  readonly #maybeRecorded = new Set<string>();
  readonly #settleable = new Signal();
  #stoppedAtMs: number | undefined;

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  add(finished: FinishedAttempt): void {
    this.#finished.push(finished);
    this.#settleable.announce();
  }

  /** Attempts made but not on record, those under way to it left out. */
  get waitingCount(): number {
    return this.#finished.length;
  }

  /** Resolves once it is stopped, no more attempts are in flight, and all are settled. */
  async run(isInFlight: () => boolean): Promise<void> {
    while (this.#stoppedAtMs === undefined || isInFlight() || this.#finished.length > 0) {
      const batch = this.#finished.splice(0, MAX_BATCH);
      if (batch.length === 0) await this.#settleable.wait(LOOK_EVERY_MS);
      else await this.#settle(batch);
    }
  }

  stop(): void {
    this.#stoppedAtMs = performance.now();
    this.#settleable.announce();
  }

  async #settle(batch: readonly FinishedAttempt[]): Promise<void> {
    const { log, doorbell, leases, onToppedUp } = this.#options;
    try {
      const { attempts, gone, toppedUp } = await settle(this.#options, batch, this.#maybeRecorded);
      leases.drop(batch.map(({ loaded }) => loaded.job));
      for (const { id } of batch) this.#maybeRecorded.delete(id);
      doorbell.ring('changed');
      // Only those who sent a test event wait for it.
      if (batch.some(({ loaded }) => loaded.trigger === AttemptTrigger.TEST)) doorbell.ring('settled');
      if (toppedUp) onToppedUp();
      for (const one of attempts) logSettled(log, one);
      for (const one of gone) logDisabled(log, one, DisabledReason.GONE);
    } catch (error) {
      if (isTransient(error) && this.#mayWait()) {
        log.error({ err: error, attempts: batch.length }, 'attempts not recorded yet; trying again');
        // The answer to a COMMIT may be what was lost.
        for (const { id } of batch) this.#maybeRecorded.add(id);
        this.#finished.unshift(...batch);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_ERROR_MS));
      } else if (batch.length > 1) {
        for (const one of batch) await this.#settle([one]);
      } else {
        const { job } = batch[0]!.loaded;
        log.error({ err: error, ...job }, 'attempt cannot be recorded; it will be made again');
        leases.drop([job]);
      }
    }
  }

  /** While it stops, it waits a few seconds for a database that is away, and then lets the leases run out. */
  #mayWait(): boolean {
    return this.#stoppedAtMs === undefined || performance.now() - this.#stoppedAtMs < PATIENCE_WHEN_STOPPING_MS;
  }
}
