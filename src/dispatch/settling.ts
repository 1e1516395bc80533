import { setTimeout as delay } from 'node:timers/promises';
import { AttemptTrigger } from '../deliveries/attempt.js';
import { DisabledReason } from '../endpoints/endpoint.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { Signal } from '../signal.js';
import { isTransient, isUnreachable } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { idFields } from '../storage/log-fields.js';
import type { Tracing } from '../tracing.js';
import type { FinishedAttempt } from './advance.js';
import { countSettled } from './count-settled.js';
import type { Leases } from './leases.js';
import { logDisabled, logSettled } from './log-settled.js';
import { type Settled, type SettleOptions, settle } from './settle.js';
import { traceSettled } from './trace-settled.js';

export interface SettlingOptions extends SettleOptions {
  doorbell: Doorbell;
  leases: Leases;
  /** Told when deliveries that waited outside the queue are in it now. */
  onToppedUp: () => void;
  log: Log;
  metrics: Metrics;
  tracing: Tracing | null;
}

const LOOK_EVERY_MS = 500;
const PAUSE_AFTER_ERROR_MS = 500;
const PATIENCE_WHEN_STOPPING_MS = 5_000;
const MAX_BATCH = 500;
/** So many batches are on their way at once. */
const MAX_CONCURRENT = 2;
/** Beside another batch, fewer are not worth one of their own: they wait for it. */
const WORTH_A_BATCH = 100;

/** Puts finished attempts on record, in batches of all that finished meanwhile. */
export class Settling {
  readonly #options: SettlingOptions;
  readonly #finished: FinishedAttempt[] = [];
  readonly #maybeRecorded = new Set<string>();
  readonly #settleable = new Signal();
  #isStopped = false;
  /** Since when nothing could be recorded, in `performance.now()`. */
  #failingSinceMs: number | undefined;

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
    const underWay = new Set<Promise<void>>();
    const mayStart = () => {
      const least = underWay.size === 0 ? 1 : WORTH_A_BATCH;
      return underWay.size < MAX_CONCURRENT && this.#finished.length >= least;
    };
    while (!this.#isStopped || isInFlight() || this.#finished.length > 0 || underWay.size > 0) {
      if (!mayStart()) {
        await this.#settleable.wait(LOOK_EVERY_MS);
        continue;
      }
      const settling = this.#settle(this.#finished.splice(0, MAX_BATCH)).finally(() => {
        underWay.delete(settling);
        this.#settleable.announce();
      });
      underWay.add(settling);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#settleable.announce();
  }

  async #settle(batch: readonly FinishedAttempt[]): Promise<void> {
    try {
      const settled = await settle(this.#options, batch, this.#maybeRecorded);
      this.#forget(batch);
      this.#failingSinceMs = undefined;
      this.#tell(settled, batch);
    } catch (error) {
      // The answer to a COMMIT may be what was lost.
      if (isTransient(error)) for (const { id } of batch) this.#maybeRecorded.add(id);
      await this.#settleAgain(batch, error);
    }
  }

  /** All at once when the database is to blame, one by one when it may be one of them; and one that fails alone, never. */
  async #settleAgain(batch: readonly FinishedAttempt[], error: unknown): Promise<void> {
    const { log } = this.#options;
    if (isTransient(error) && this.#mayWait()) {
      log.error({ err: error, attempts: batch.length }, 'attempts not recorded yet; trying again');
      this.#finished.unshift(...batch);
      await delay(PAUSE_AFTER_ERROR_MS);
    } else if (batch.length > 1 && !isUnreachable(error)) {
      for (const one of batch) await this.#settle([one]);
    } else {
      const ids = batch.length === 1 ? idFields(batch[0]!.loaded.job) : {};
      log.error({ err: error, attempts: batch.length, ...ids }, 'attempts cannot be recorded; they will be made again');
      this.#forget(batch);
    }
  }

  /** Whatever became of them, they are off our hands. */
  #forget(batch: readonly FinishedAttempt[]): void {
    this.#options.leases.drop(batch.map(({ loaded }) => loaded.job));
    for (const { id } of batch) this.#maybeRecorded.delete(id);
  }

  /** Tells everyone who waits for it, the log, the metrics and the trace. */
  #tell({ attempts, gone, toppedUp, announced }: Settled, batch: readonly FinishedAttempt[]): void {
    const { log, metrics, tracing, doorbell, onToppedUp } = this.#options;
    doorbell.ring('changed');
    if (announced) doorbell.ring('due');
    // Only those who sent a test event wait for it.
    if (batch.some(({ loaded }) => loaded.trigger === AttemptTrigger.TEST)) doorbell.ring('settled');
    if (toppedUp) onToppedUp();
    for (const one of attempts) {
      logSettled(log, one, tracing ? traceSettled(tracing, one) : undefined);
      countSettled(metrics, one);
    }
    for (const one of gone) logDisabled(log, one, DisabledReason.GONE);
  }

  /** While it stops, it waits a few seconds for a database that is away, and then lets the leases run out. */
  #mayWait(): boolean {
    this.#failingSinceMs ??= performance.now();
    return !this.#isStopped || performance.now() - this.#failingSinceMs < PATIENCE_WHEN_STOPPING_MS;
  }
}
