import { AttemptTrigger } from '../deliveries/attempt.js';
import type { EndpointWindow } from '../deliveries/endpoint-window.js';
import { giveUpJobs } from '../deliveries/give-up-jobs.js';
import { DisabledReason } from '../endpoints/endpoint.js';
import type { Log } from '../log.js';
import type { Clock } from '../storage/clock.js';
import { type Database, isTransient } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { type ClaimedJob, Lane, type Queue } from '../storage/queue.js';
import { Leases } from './leases.js';
import { LANES, LineUp, type LineUpLimits } from './line-up.js';
import { type LoadedAttempt, loadAttempts } from './load.js';
import { logDisabled, logSettled } from './log-settled.js';
import type { AttemptMaker } from './make-attempt.js';
import { type FinishedAttempt, settle } from './settle.js';
import { Signal } from './signal.js';

export interface DispatcherOptions {
  /** A pool whose plans do not depend on statistics; see `HOT_SETTINGS`. */
  database: Database;
  queue: Queue;
  doorbell: Doorbell;
  window: EndpointWindow;
  makeAttempt: AttemptMaker;
  retryScheduleMs: readonly number[];
  limits: LineUpLimits;
  clock: Clock;
  log: Log;
}

/** How often each lane looks for due jobs when nothing rings: NOTIFY tells of new jobs, never of old ones now due. */
const POLL_MS = 500;
const RENEW_MS = 3_000;
const PAUSE_AFTER_ERROR_MS = 500;
const PATIENCE_WHEN_STOPPING_MS = 5_000;
const MAX_CLAIM = 100;
const MAX_SETTLEMENT = 500;

/** With so many attempts made but not on record, no more are started: the database is behind. */
const MAX_UNSETTLED = 2_000;

/**
 * A rolling pump. It keeps as many attempts in flight as there are slots: each lane claims jobs ahead, whatever may
 * start is loaded together, and what has finished is settled together. Nothing waits for the slowest of a batch.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #lineUp: LineUp;
  readonly #leases: Leases;
  readonly #due: Record<Lane, Signal> = { [Lane.Fresh]: new Signal(), [Lane.Bulk]: new Signal() };
  readonly #awaitsRoom: Record<Lane, boolean> = { [Lane.Fresh]: false, [Lane.Bulk]: false };
  readonly #ready = new Signal();
  readonly #finished: FinishedAttempt[] = [];
  readonly #maybeRecorded = new Set<string>();
  readonly #settleable = new Signal();
  readonly #loops: Promise<void>[] = [];
  readonly #renewal: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  #isClaiming = true;
  #isRunning = true;
  #stopping: Promise<void> | undefined;
  #stoppedAtMs: number | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#lineUp = new LineUp(options.limits);
    this.#leases = new Leases(options.queue, options.database);
    this.#unsubscribe = options.doorbell.on('due', () => this.#wakeClaims());
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS);
    this.#loops.push(this.#claim(Lane.Fresh), this.#claim(Lane.Bulk), this.#start(), this.#settle());
  }

  /** Finishes and records what is in flight, gives back what has not started, and takes nothing new. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#unsubscribe();
    this.#isClaiming = false;
    this.#wakeClaims();
    await this.#giveBack();
    this.#isRunning = false;
    this.#stoppedAtMs = performance.now();
    this.#ready.announce();
    this.#settleable.announce();
    await Promise.all(this.#loops);
    clearInterval(this.#renewal);
  }

  async #claim(lane: Lane): Promise<void> {
    const { queue, database, log } = this.#options;
    while (this.#isClaiming) {
      const limit = Math.min(MAX_CLAIM, this.#finished.length < MAX_UNSETTLED ? this.#lineUp.room(lane) : 0);
      let jobs: ClaimedJob[] = [];
      if (limit > 0) {
        const claimedAtMs = performance.now();
        try {
          jobs = await queue.claim(database, lane, limit);
        } catch (error) {
          log.error({ err: error, lane: Lane[lane] }, 'jobs not claimed');
        }
        this.#leases.add(jobs, claimedAtMs);
        for (const job of jobs) this.#lineUp.admit(job, lane);
        if (jobs.length > 0) this.#ready.announce();
        if (!this.#isClaiming) await this.#giveBack();
      }
      this.#awaitsRoom[lane] = limit === 0;
      // A full claim says that there is more; anything else waits for a ring, for room or for its time.
      if (jobs.length < limit || limit === 0) await this.#due[lane].wait(POLL_MS);
    }
  }

  /** What has not started goes back to the queue; also what arrives while stopping. */
  async #giveBack(): Promise<void> {
    const { queue, database, log } = this.#options;
    const unstarted = this.#lineUp.clear();
    this.#leases.drop(unstarted);
    await queue.release(database, unstarted).catch((error) => {
      log.warn({ err: error, jobs: unstarted.length }, 'jobs not given back; their leases will run out');
    });
  }

  async #start(): Promise<void> {
    const { database, queue, log } = this.#options;
    while (this.#isRunning) {
      const entries = this.#lineUp.take();
      if (entries.length === 0) {
        await this.#ready.wait();
        continue;
      }
      const byId = new Map(entries.map((entry) => [entry.job.id, entry]));
      const finish = (job: ClaimedJob) => this.#lineUp.finish(byId.get(job.id)!);
      const claimed = entries.map(({ job }) => job);
      const jobs = claimed.filter((job) => this.#leases.isReliable(job));
      const lost = claimed.filter((job) => !jobs.includes(job));
      for (const job of lost) finish(job);
      this.#leases.drop(lost);
      try {
        const loaded = jobs.length > 0 ? await loadAttempts(database, jobs) : [];
        for (const attempt of loaded) void this.#attempt(attempt, finish);
        await this.#giveUp(jobs, loaded, finish);
      } catch (error) {
        log.error({ err: error, jobs: jobs.length }, 'attempts not loaded; they will be offered again');
        for (const job of jobs) finish(job);
        this.#leases.drop(jobs);
        await queue.release(database, jobs).catch(() => {});
        await pause();
      }
    }
  }

  async #giveUp(
    jobs: readonly ClaimedJob[],
    loaded: readonly LoadedAttempt[],
    finish: (job: ClaimedJob) => void,
  ): Promise<void> {
    if (loaded.length === jobs.length) return;
    const live = new Set(loaded.map(({ job }) => job.id));
    const { database, queue, doorbell, clock, log } = this.#options;
    const unstartable = jobs.filter(({ id }) => !live.has(id));
    for (const job of unstartable) finish(job);
    this.#leases.drop(unstartable);
    await giveUpJobs(database, queue, unstartable, new Date(clock.now())).then(
      () => doorbell.ring('changed'),
      (error) => log.warn({ err: error, jobs: unstartable.length }, 'jobs not given up; they will be offered again'),
    );
  }

  async #attempt(loaded: LoadedAttempt, finish: (job: ClaimedJob) => void): Promise<void> {
    const { makeAttempt, log } = this.#options;
    try {
      this.#finished.push(await makeAttempt(loaded));
      this.#settleable.announce();
    } catch (error) {
      // Ours, not the receiver's: once the lease has run out the job is offered again, until somebody has mended it.
      log.error({ err: error, ...loaded.job }, 'attempt not made; it will be offered again');
      this.#leases.drop([loaded.job]);
    } finally {
      finish(loaded.job);
      this.#ready.announce();
      for (const lane of LANES) if (this.#awaitsRoom[lane]) this.#due[lane].announce();
    }
  }

  async #settle(): Promise<void> {
    while (this.#isRunning || this.#lineUp.runningCount > 0 || this.#finished.length > 0) {
      const batch = this.#finished.splice(0, MAX_SETTLEMENT);
      if (batch.length === 0) await this.#settleable.wait(POLL_MS);
      else await this.#settleBatch(batch);
    }
  }

  async #settleBatch(batch: readonly FinishedAttempt[]): Promise<void> {
    const { log, doorbell } = this.#options;
    try {
      const { attempts, gone, toppedUp } = await settle(this.#options, batch, this.#maybeRecorded);
      this.#leases.drop(batch.map(({ loaded }) => loaded.job));
      for (const { id } of batch) this.#maybeRecorded.delete(id);
      doorbell.ring('changed');
      // Only those who sent a test event wait for it.
      if (batch.some(({ loaded }) => loaded.trigger === AttemptTrigger.TEST)) doorbell.ring('settled');
      if (toppedUp) this.#wakeClaims();
      for (const one of attempts) logSettled(log, one);
      for (const one of gone) logDisabled(log, one, DisabledReason.GONE);
    } catch (error) {
      if (isTransient(error) && this.#mayWait()) {
        log.error({ err: error, attempts: batch.length }, 'attempts not recorded yet; trying again');
        // The answer to a COMMIT may be what was lost.
        for (const { id } of batch) this.#maybeRecorded.add(id);
        this.#finished.unshift(...batch);
        await pause();
      } else if (batch.length > 1) {
        for (const one of batch) await this.#settleBatch([one]);
      } else {
        const { job } = batch[0]!.loaded;
        log.error({ err: error, ...job }, 'attempt cannot be recorded; it will be made again');
        this.#leases.drop([job]);
      }
    }
  }

  /** While it stops, the dispatcher waits a few seconds for a database that is away, and then lets the leases run out. */
  #mayWait(): boolean {
    return this.#stoppedAtMs === undefined || performance.now() - this.#stoppedAtMs < PATIENCE_WHEN_STOPPING_MS;
  }

  async #renew(): Promise<void> {
    try {
      await this.#leases.renew();
    } catch (error) {
      this.#options.log.error({ err: error }, 'leases not renewed');
    }
  }

  #wakeClaims(): void {
    this.#due[Lane.Fresh].announce();
    this.#due[Lane.Bulk].announce();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_ERROR_MS));
}
