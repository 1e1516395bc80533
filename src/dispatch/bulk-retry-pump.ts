import { setTimeout as delay } from 'node:timers/promises';
import { type AdvanceOptions, advanceBulkRetries } from '../deliveries/advance-bulk-retries.js';
import { Signal } from '../signal.js';

/** Looks for room follow each other no faster, however often it rings. */
const PACE_MS = 50;
const LOOK_EVERY_MS = 1_000;

/** Moves bulk retries on: as fast as attempts make room for the next, and not at all while there are none. */
export class BulkRetryPump {
  readonly #options: AdvanceOptions;
  readonly #changed = new Signal();
  #isStopped = false;

  constructor(options: AdvanceOptions) {
    this.#options = options;
  }

  /** Resolves once nothing is left to do, or when it is stopped. */
  async run(): Promise<void> {
    const unsubscribe = this.#options.doorbell.on('changed', () => this.#changed.announce());
    try {
      while (!this.#isStopped) {
        const startedAtMs = performance.now();
        const { dealtWith, hasMore } = await advanceBulkRetries(this.#options, () => this.#isStopped);
        if (!hasMore) return;
        if (dealtWith > 0) continue;
        // At least as long as it took: what looks at many endpoints must not look all the time.
        await delay(Math.max(PACE_MS, performance.now() - startedAtMs));
        if (!this.#isStopped) await this.#changed.wait(LOOK_EVERY_MS);
      }
    } finally {
      unsubscribe();
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#changed.announce();
  }
}
