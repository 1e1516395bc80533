import { setTimeout as delay } from 'node:timers/promises';
import type { EndpointWindow } from '../deliveries/endpoint-window.js';
import { giveUpJobs } from '../deliveries/give-up-jobs.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { Signal } from '../signal.js';
import type { Clock } from '../storage/clock.js';
import type { Database } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { idFields } from '../storage/log-fields.js';
import type { ClaimedJob, Queue } from '../storage/queue.js';
import type { Tracing } from '../tracing.js';
import { Claiming } from './claiming.js';
import type { Entry } from './endpoint-line.js';
import { Leases } from './leases.js';
import { LineUp, type LineUpLimits } from './line-up.js';
import { loadAttempts } from './load.js';
import type { AttemptMaker } from './make-attempt.js';
import type { Outcome } from './outcome.js';
import { Pacer, type Startable } from './pacer.js';
import { Settling } from './settling.js';

export interface DispatcherOptions {
  /** A pool whose plans do not depend on statistics; see `HOT_SETTINGS`. */
  database: Database;
  /** Another, which gives up soon on a connection that does not answer: leases are renewed there. */
  leaseDatabase: Database;
  queue: Queue;
  doorbell: Doorbell;
  window: EndpointWindow;
  makeAttempt: AttemptMaker;
  retryScheduleMs: readonly number[];
  limits: LineUpLimits;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  tracing: Tracing | null;
}

const RENEW_MS = 3_000;
const PAUSE_AFTER_ERROR_MS = 500;

/** With so many attempts made but not on record, no more are started: the database is behind. */
const MAX_UNSETTLED = 2_000;

/**
 * A rolling pump. It keeps as many attempts in flight as there are slots: jobs are claimed ahead, whatever may start is
 * loaded together, and what has finished is settled together. Nothing waits for the slowest of a batch.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #lineUp: LineUp;
  readonly #leases: Leases;
  readonly #claiming: Claiming;
  readonly #ready = new Signal();
  readonly #pacer: Pacer;
  readonly #pacing = new Set<Promise<void>>();
  readonly #settling: Settling;
  readonly #loops: Promise<void>[] = [];
  readonly #renewal: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  #isRunning = true;
  #stopping: Promise<void> | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#lineUp = new LineUp(options.limits);
    this.#leases = new Leases(options.queue, options.leaseDatabase);
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS);
    this.#pacer = new Pacer({
      database: options.database,
      lineUp: this.#lineUp,
      start: (startable) => void this.#attempt(startable),
      onChange: () => this.#announceRoom(),
    });
    this.#settling = new Settling({ ...options, leases: this.#leases, onToppedUp: () => this.#claiming.wake() });
    this.#claiming = new Claiming({
      ...options,
      lineUp: this.#lineUp,
      leases: this.#leases,
      isBehind: () => this.#settling.waitingCount >= MAX_UNSETTLED,
      onClaimed: () => this.#ready.announce(),
    });
    this.#unsubscribe = options.doorbell.on('due', () => this.#claiming.wake());
    const settled = this.#settling.run(() => this.#lineUp.runningCount > 0);
    this.#loops.push(this.#claiming.run(), this.#start(), settled);
  }

  /** Finishes and records what is in flight, gives back what has not started, and takes nothing new. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#unsubscribe();
    this.#pacer.stop();
    await this.#claiming.stop();
    this.#isRunning = false;
    this.#ready.announce();
    this.#settling.stop();
    await Promise.all(this.#loops);
    clearInterval(this.#renewal);
  }

  async #start(): Promise<void> {
    while (this.#isRunning) {
      const entries = this.#lineUp.take();
      if (entries.length === 0) await this.#ready.wait();
      else await this.#startAll(entries);
    }
    await Promise.all(this.#pacing);
  }

  async #startAll(entries: readonly Entry[]): Promise<void> {
    const [reliable, lost] = divide(entries, ({ job }) => this.#leases.isReliable(job));
    this.#drop(lost);
    try {
      const startables = await this.#load(reliable);
      const [paced, unpaced] = divide(startables, ({ loaded }) => loaded.rateLimitPerSecond !== null);
      for (const startable of unpaced) void this.#attempt(startable);
      if (paced.length > 0) this.#pace(paced);
      this.#resumeAllBut(paced, entries);
      await this.#giveUp(reliable, startables);
    } catch (error) {
      this.#resumeAllBut([], entries);
      await this.#offerAgain(reliable, error);
      await delay(PAUSE_AFTER_ERROR_MS);
    }
  }

  async #load(entries: readonly Entry[]): Promise<Startable[]> {
    if (entries.length === 0) return [];
    const byJob = new Map(entries.map((entry) => [entry.job, entry]));
    const attempts = await loadAttempts(this.#options.database, [...byJob.keys()]);
    return attempts.map((loaded) => ({ entry: byJob.get(loaded.job)!, loaded }));
  }

  /** Starts attempts as their endpoints' rate limits allow. Those to other endpoints need not wait for that. */
  #pace(startables: readonly Startable[]): void {
    const pacing = this.#pacer
      .start(startables)
      .catch((error) =>
        this.#offerAgain(
          startables.map(({ entry }) => entry),
          error,
        ),
      )
      .then(() => this.#claiming.giveBackIfStopped())
      .finally(() => this.#pacing.delete(pacing));
    this.#pacing.add(pacing);
  }

  /** What came of asking for the others is not known, or is that they have no rate limit. */
  #resumeAllBut(paced: readonly Startable[], entries: readonly Entry[]): void {
    const ids = new Set(entries.map(({ job }) => job.endpointId));
    for (const { entry } of paced) ids.delete(entry.job.endpointId);
    for (const id of ids) this.#lineUp.resume(id);
  }

  async #giveUp(entries: readonly Entry[], startables: readonly Startable[]): Promise<void> {
    if (startables.length === entries.length) return;
    const live = new Set(startables.map(({ entry }) => entry));
    const { database, queue, doorbell, clock, log } = this.#options;
    const unstartable = this.#drop(entries.filter((entry) => !live.has(entry)));
    await giveUpJobs(database, queue, unstartable, new Date(clock.now())).then(
      () => doorbell.ring('changed'),
      (error) => log.warn({ err: error, jobs: unstartable.length }, 'jobs not given up; they will be offered again'),
    );
  }

  async #offerAgain(entries: readonly Entry[], error: unknown): Promise<void> {
    const { database, queue, log } = this.#options;
    log.error({ err: error, jobs: entries.length }, 'attempts not started; they will be offered again');
    // At once; or, if that fails as well, when the leases have run out.
    await queue.release(database, this.#drop(entries)).catch(() => {});
  }

  /** Has nothing more to do with what it has taken. */
  #drop(entries: readonly Entry[]): ClaimedJob[] {
    for (const entry of entries) this.#lineUp.finish(entry);
    const jobs = entries.map(({ job }) => job);
    this.#leases.drop(jobs);
    return jobs;
  }

  async #attempt({ entry, loaded }: Startable): Promise<void> {
    const { makeAttempt, log } = this.#options;
    if (!this.#leases.isReliable(entry.job)) {
      // It took so long to get here that somebody else may be at it; if not, it is offered again.
      this.#drop([entry]);
      return this.#announceRoom();
    }
    let outcome: Outcome | undefined;
    try {
      const finished = await makeAttempt(loaded);
      outcome = finished.outcome;
      this.#settling.add(finished);
    } catch (error) {
      // Ours, not the receiver's: once the lease has run out the job is offered again, until somebody has mended it.
      log.error({ err: error, ...idFields(loaded.job) }, 'attempt not made; it will be offered again');
      this.#leases.drop([loaded.job]);
    } finally {
      this.#lineUp.finish(entry, outcome);
      this.#announceRoom();
    }
  }

  async #renew(): Promise<void> {
    try {
      await this.#leases.renew();
    } catch (error) {
      this.#options.log.error({ err: error }, 'leases not renewed');
    }
  }

  /** Somebody gave a slot back, or stepped forward. */
  #announceRoom(): void {
    this.#ready.announce();
    this.#claiming.wakeForRoom();
  }
}

function divide<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
