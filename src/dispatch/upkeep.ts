import type { EndpointWindow } from '../deliveries/endpoint-window.js';
import { forgetDeletedEndpoints } from '../deliveries/forget-endpoints.js';
import { holdAndRelease } from '../deliveries/hold-sweep.js';
import { forgetOldBulkRetries } from '../deliveries/stored-bulk-retries.js';
import { LostJobs, sweep } from '../deliveries/sweep.js';
import { disableFailingEndpoints } from '../deliveries/switch-endpoint.js';
import { DisabledReason } from '../endpoints/endpoint.js';
import { forgetOldStats } from '../endpoints/update-stats.js';
import { forgetOldKeys } from '../events/idempotency-keys.js';
import { every, type Repeated } from '../every.js';
import type { Log } from '../log.js';
import { recycleChanges } from '../storage/changes.js';
import type { Clock } from '../storage/clock.js';
import { type Database, MAY_IDLE } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { createPartitions, expirePartitions } from '../storage/partitions.js';
import { type Queue, RECLAIM_SECONDS } from '../storage/queue.js';
import { BulkRetryPump } from './bulk-retry-pump.js';
import { elapsedMs, type Moment, thisMoment } from './leases.js';
import { logDisabled } from './log-settled.js';

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

/** Any number of this service's own: one process turns the days over at a time. */
const TURN_LOCK = 7_265_110_303;

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Longer without looking for leases that ran out, and something was wrong with this process or the database. */
const MAX_PAUSE_MS = (RECLAIM_SECONDS + 2) * SECOND_MS;
/** So slow an answer, and the database was away meanwhile. */
const MAX_ANSWER_MS = 2 * SECOND_MS;

/** Whatever was under way when an endpoint was disabled has ended by then: later nothing of it is open that is not held. */
const RECENTLY_MS = 10 * 60 * SECOND_MS;

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
    const { database, retentionDays, clock, log } = this.#options;
    const now = clock.now();
    // By the clock, not by a timer: after a computer has slept for a week, the days it needs are missing.
    const hour = Math.floor(now / HOUR_MS);
    if (hour === this.#hourTurned || performance.now() < this.#turnAgainAtMs) return;
    this.#turnAgainAtMs = performance.now() + MINUTE_MS;
    let isDone = true;
    await database.transaction(async (lock) => {
      await lock.query(MAY_IDLE);
      const [row] = await lock.query<{ alone: boolean }>('select pg_try_advisory_xact_lock($1) as alone', [TURN_LOCK]);
      if (!row!.alone) return;
      const expiredBefore = now - retentionDays * DAY_MS;
      const chores: Record<string, () => Promise<unknown>> = {
        'make days': () => createPartitions(database, now),
        'recycle changes': () => recycleChanges(database),
        'drop expired days': () => this.#expire(expiredBefore),
        'forget old statistics': () => forgetOldStats(database, new Date(now), () => this.#isStopped),
        'forget old keys': () => forgetOldKeys(database, new Date(now), () => this.#isStopped),
        'forget old bulk retries': () => forgetOldBulkRetries(database, new Date(expiredBefore)),
      };
      for (const [name, chore] of Object.entries(chores)) {
        if (this.#isStopped) return;
        // One that fails is no reason to leave the others.
        await chore().catch((error) => {
          isDone = false;
          log.error({ err: error }, `could not ${name}; trying again later`);
        });
      }
    });
    if (isDone) this.#hourTurned = hour;
    this.#disabledSince = new Date(0);
  }

  async #expire(before: number): Promise<void> {
    const { database, log } = this.#options;
    const { dropped } = await expirePartitions(database, before, () => this.#isStopped);
    if (dropped.length > 0) log.info({ days: dropped }, 'expired days dropped');
  }

  #every(intervalMs: number, name: string, task: () => Promise<void>): Repeated {
    const { log } = this.#options;
    return every(intervalMs, task, (error) => log.error({ err: error }, `could not ${name}; trying again later`));
  }
}
