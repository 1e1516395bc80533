import type { EndpointWindow } from '../deliveries/endpoint-window.js';
import { forgetDeletedEndpoints } from '../deliveries/forget-endpoints.js';
import { hasStray, holdAndRelease } from '../deliveries/hold-sweep.js';
import { LostJobs } from '../deliveries/lost-jobs.js';
import { sweep } from '../deliveries/sweep.js';
import { disableFailingEndpoints } from '../deliveries/switch-endpoint.js';
import { DisabledReason } from '../endpoints/endpoint.js';
import { every, type Repeated } from '../every.js';
import type { Log } from '../log.js';
import type { Clock } from '../storage/clock.js';
import type { Database } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { type Queue, RECLAIM_SECONDS } from '../storage/queue.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../units.js';
import { BulkRetryPump } from './bulk-retry-pump.js';
import { logDisabled } from './log-settled.js';
import { elapsedMs, type Moment, thisMoment } from './moment.js';
import { turnOver } from './turn-over.js';

export interface UpkeepOptions {
  database: Database;
  queue: Queue;
  doorbell: Doorbell;
  window: EndpointWindow;
  retentionDays: number;
  /** Null: endpoints are never disabled for failing. */
  autoDisableAfterMs: number | null;
  clock: Clock;
  log: Log;
}

/** Longer without looking for leases that ran out, and something was wrong with this process or the database. */
const MAX_PAUSE_MS = (RECLAIM_SECONDS + 2) * SECOND_MS;
/** So slow an answer, and the database was away meanwhile. */
const MAX_ANSWER_MS = 2 * SECOND_MS;

/** Whatever was under way when an endpoint was disabled has ended by then: later nothing of it is open that is not held. */
const RECENTLY_MS = 10 * MINUTE_MS;

/** What keeps a dispatcher going for weeks: each task in its own rhythm, never twice at once, until it is stopped. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #bulkRetries: BulkRetryPump;
  readonly #lostJobs: LostJobs;
  readonly #tasks: readonly Repeated[];
  #isStopped = false;
  /** By `performance.now()`: after a failure, not at once. */
  #turnAgainAtMs = 0;
  #hourTurned: number | undefined;
  /** When it looked for leases that ran out; undefined at first, and after a failure. */
  #lookedAt: Moment | undefined;
  /** Of endpoints that were disabled before this, nothing is open that is not held; at first nobody knows. */
  #disabledSince = new Date(0);

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#bulkRetries = new BulkRetryPump(options);
    this.#lostJobs = new LostJobs(options.database, options.queue);
    this.#tasks = [
      this.#every(SECOND_MS, 'sweep', () => this.#sweep()),
      this.#every(SECOND_MS, 'hold and release', () => this.#holdAndRelease()),
      this.#every(SECOND_MS, 'disable failing endpoints', () => this.#disableFailing()),
      this.#every(SECOND_MS, 'advance bulk retries', () => this.#bulkRetries.run()),
      this.#every(SECOND_MS, 'turn over the days', () => this.#turnOver()),
      this.#every(RECLAIM_SECONDS * SECOND_MS, 'offer again what was claimed and left', () => this.#reclaim()),
      this.#every(5 * SECOND_MS, 'look for what is open though it should be held', () => this.#lookForStray()),
      this.#every(5 * SECOND_MS, 'replace lost jobs', () => this.#replaceLostJobs()),
      this.#every(5 * SECOND_MS, 'forget deleted endpoints', () => this.#forgetDeletedEndpoints()),
    ];
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#bulkRetries.stop();
    await Promise.all(this.#tasks.map((task) => task.stop()));
  }

  async #sweep(): Promise<void> {
    const { database, queue, window, doorbell, clock } = this.#options;
    const count = await sweep(database, queue, window, new Date(clock.now()));
    if (count > 0) doorbell.ring('due');
  }

  async #holdAndRelease(): Promise<void> {
    const { database, doorbell, clock, log } = this.#options;
    for (;;) {
      const now = clock.now();
      const { moved, failed } = await holdAndRelease(database, this.#disabledSince, new Date(now), log);
      if (moved > 0) doorbell.ring('changed');
      if (moved === 0 || this.#isStopped) {
        // Nothing is left of those that were disabled long ago, so they need not be looked at again.
        if (moved === 0 && failed === 0) this.#disabledSince = new Date(now - RECENTLY_MS);
        return;
      }
    }
  }

  async #lookForStray(): Promise<void> {
    if (await hasStray(this.#options.database, this.#disabledSince)) this.#disabledSince = new Date(0);
  }

  async #disableFailing(): Promise<void> {
    const { autoDisableAfterMs, log } = this.#options;
    if (autoDisableAfterMs === null) return;
    const disabled = await disableFailingEndpoints(this.#options, autoDisableAfterMs);
    for (const endpoint of disabled) logDisabled(log, endpoint, DisabledReason.FAILING_TOO_LONG);
  }

  /**
   * A lease that ran out while nobody could renew it says nothing about its holder. So after a pause, whether the database
   * was away or this process asleep, everyone first gets the time to renew what they hold.
   */
  async #reclaim(): Promise<void> {
    const { database, queue } = this.#options;
    const lookedAt = this.#lookedAt;
    this.#lookedAt = undefined;
    const startedAt = thisMoment();
    await queue.followClockBack(database);
    const wasPaused = !lookedAt || elapsedMs(lookedAt) > MAX_PAUSE_MS || elapsedMs(startedAt) > MAX_ANSWER_MS;
    if (!wasPaused) await queue.reclaim();
    this.#lookedAt = thisMoment();
  }

  async #replaceLostJobs(): Promise<void> {
    const { doorbell, log } = this.#options;
    const count = await this.#lostJobs.replace();
    if (count === 0) return;
    log.warn({ deliveries: count }, 'jobs were lost; queueing them anew');
    doorbell.ring('due');
  }

  async #forgetDeletedEndpoints(): Promise<void> {
    const { database, clock } = this.#options;
    let more = true;
    while (more && !this.#isStopped) more = await forgetDeletedEndpoints(database, new Date(clock.now()));
  }

  async #turnOver(): Promise<void> {
    // By the clock, not by a timer: after a computer has slept for a week, the days it needs are missing.
    const hour = Math.floor(this.#options.clock.now() / HOUR_MS);
    if (hour === this.#hourTurned || performance.now() < this.#turnAgainAtMs) return;
    this.#turnAgainAtMs = performance.now() + MINUTE_MS;
    const turned = await turnOver(this.#options, () => this.#isStopped);
    if (turned !== 'failed') this.#hourTurned = hour;
    this.#disabledSince = new Date(0);
  }

  #every(intervalMs: number, name: string, task: () => Promise<void>): Repeated {
    const { log } = this.#options;
    return every(intervalMs, task, (error) => log.error({ err: error }, `could not ${name}; trying again later`));
  }
}
