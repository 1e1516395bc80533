import { type ClaimedJob, Lane } from '../storage/queue.js';
import { EndpointLine, type Entry } from './endpoint-line.js';
import type { Outcome } from './outcome.js';
import { SlowStart } from './slow-start.js';

export interface LineUpLimits {
  /** Attempts in flight, at most. */
  slots: number;
  /** Attempts in flight to one endpoint, at most. */
  slotsPerEndpoint: number;
}

/** In the order in which they go: what is fresh first. */
export const LANES = [Lane.Fresh, Lane.Bulk] as const;

/** Backlogs never take more than this share of the slots, so that there is always room for what is fresh. */
const BULK_SHARE = 0.75;

/** Claimed ahead, as a share of the slots: what starts when an attempt finishes, without asking the database first. */
const AHEAD = 0.5;

/** A claim for less than this share would cost as much as one for many. */
const WORTH_CLAIMING = 0.2;

/** No more of a backlog is claimed while jobs behind their endpoints' limits are so many times the slots. */
const MAX_PARKED = 50;

/**
 * Jobs behind rate limits wait for long, and so do those of endpoints that fail. With so many times the slots of either, no
 * endpoint gets more than a few.
 */
const MAX_WAITING = 25;
const MAX_WAITING_IF_MANY = 16;

/** Fresh jobs of an endpoint with a rate limit that are loaded before their turn, each time that it is resumed. */
const MAX_LOOKS = 10;

/** An endpoint may have this share of the slots that nobody uses. */
const SHARE_OF_FREE = 0.5;

/**
 * The claimed jobs of a dispatcher and whose turn it is. Each lane keeps the order of its claims. An endpoint at its
 * limit keeps nobody else waiting: its jobs step aside. The limit shrinks as slots fill up, so that however many
 * endpoints hang, there is a slot for the next one. One with a rate limit is paused and resumed from outside.
 */
export class LineUp {
  readonly #limits: LineUpLimits;
  readonly #slowStart: SlowStart;
  readonly #lines = new Map<string, EndpointLine>();
  readonly #ready: Record<Lane, Entry[]> = { [Lane.Fresh]: [], [Lane.Bulk]: [] };
  readonly #running: Record<Lane, number> = { [Lane.Fresh]: 0, [Lane.Bulk]: 0 };
  /** Test events that stepped forward beside the slots, and how many of those are in flight. */
  readonly #extra: Entry[] = [];
  #extraCount = 0;
  #admittedCount = 0;
  #parkedCount = 0;
  /** Those of them that are behind a rate limit. */
  #pacedCount = 0;

  constructor(limits: LineUpLimits) {
    this.#limits = limits;
    this.#slowStart = new SlowStart(limits.slotsPerEndpoint);
  }

  /** How many more jobs of a lane are worth claiming; 0 while there is room for a few only. */
  room(lane: Lane): number {
    const { slots } = this.#limits;
    if (lane === Lane.Bulk && this.#parkedCount - this.#pacedCount >= slots * MAX_PARKED) return 0;
    const wanted = this.#slotsOf(lane) * (1 + AHEAD);
    const room = Math.ceil(wanted) - this.#running[lane] - this.#ready[lane].length;
    return room >= wanted * WORTH_CLAIMING ? room : 0;
  }

  /**
   * Takes a job in, unless it belongs to the backlog of an endpoint that is kept slow and far too many of those are here.
   * Answers whether it did. One that is not taken in is best left to be offered again: it is in nobody's way.
   */
  admit(job: ClaimedJob, lane: Lane): boolean {
    const line = this.#lines.get(job.endpointId) ?? new EndpointLine(job.endpointId);
    if (lane === Lane.Bulk && !this.#hasPlace(line)) return false;
    this.#lines.set(job.endpointId, line);
    this.#admittedCount += 1;
    const turn = lane === Lane.Bulk ? 'bulk' : job.isTest ? 'urgent' : 'fresh';
    this.#park(line, { job, lane, order: this.#admittedCount, turn, isSeen: false, isExtra: false });
    this.#advance(line);
    return true;
  }

  /** The jobs that may start now, the fresh ones first. Each but a test event takes a slot until it finishes or steps back. */
  take(): Entry[] {
    const taken = this.#extra.splice(0);
    this.#extraCount += taken.length;
    for (const lane of LANES) {
      const free = Math.min(this.#slotsOf(lane) - this.#running[lane], this.#limits.slots - this.#takenSlots);
      const started = this.#ready[lane].splice(0, Math.max(0, free));
      this.#running[lane] += started.length;
      taken.push(...started);
    }
    return taken;
  }

  /** Frees the slot of a job, and lets as many of its endpoint step forward as what came of it allows; nothing if left out. */
  finish(entry: Entry, outcome?: Outcome): void {
    const line = this.#leave(entry);
    if (outcome && !entry.job.isTest) this.#slowStart.note(line.endpointId, outcome);
    this.#advance(line);
    this.#forgetIfDone(line);
  }

  /** Frees the slot of a job that is not to start yet; it goes back to its place in the line. */
  stepBack(entry: Entry): void {
    const line = this.#leave(entry);
    entry.isSeen = true;
    this.#park(line, entry);
    this.#advance(line);
  }

  /** From now on nothing of an endpoint starts that was not taken yet, until it is resumed. */
  pause(endpointId: string): void {
    const line = this.#lines.get(endpointId);
    if (!line) return;
    this.#setAllowance(line, 0);
    line.isPaused = true;
    for (const lane of LANES) {
      const ours = this.#ready[lane].filter(({ job }) => job.endpointId === endpointId);
      if (ours.length === 0) continue;
      this.#ready[lane] = this.#ready[lane].filter(({ job }) => job.endpointId !== endpointId);
      line.activeCount -= ours.length;
      for (const entry of ours) this.#park(line, entry);
    }
    const test = this.#extra.find(({ job }) => job.endpointId === endpointId);
    if (!test) return;
    this.#extra.splice(this.#extra.indexOf(test), 1);
    line.hasExtra = false;
    test.isExtra = false;
    this.#park(line, test);
  }

  /**
   * Lets so many of an endpoint's jobs step forward, and with them the latest fresh ones that nobody has seen. Without
   * a number: from now on all, as its slots allow.
   */
  resume(endpointId: string, count = Infinity): void {
    const line = this.#lines.get(endpointId);
    if (!line || (count === Infinity && line.allowance === Infinity)) return;
    this.#setAllowance(line, count);
    line.looks = MAX_LOOKS;
    line.isPaused = false;
    this.#advance(line);
    this.#forgetIfDone(line);
  }

  /** Attempts in flight. */
  get runningCount(): number {
    return this.#takenSlots + this.#extraCount;
  }

  /** Takes out every job that has not started. */
  clear(): ClaimedJob[] {
    const ready = LANES.flatMap((lane) => this.#ready[lane].splice(0));
    for (const { job } of ready) this.#lines.get(job.endpointId)!.activeCount -= 1;
    const extra = this.#extra.splice(0);
    for (const { job } of extra) this.#lines.get(job.endpointId)!.hasExtra = false;
    const parked = [...this.#lines.values()].flatMap((line) => line.clear());
    this.#parkedCount = 0;
    this.#pacedCount = 0;
    return [...extra, ...ready, ...parked].map(({ job }) => job);
  }

  get #takenSlots(): number {
    return this.#running[Lane.Fresh] + this.#running[Lane.Bulk];
  }

  #hasPlace(line: EndpointLine): boolean {
    const isPaced = line.allowance !== Infinity;
    if (!isPaced && !this.#slowStart.isSlow(line.endpointId)) return true;
    const waitingCount = isPaced ? this.#pacedCount : this.#parkedCount - this.#pacedCount;
    return waitingCount < this.#limits.slots * MAX_WAITING || line.parkedCount < MAX_WAITING_IF_MANY;
  }

  /**
   * Lets as many of an endpoint's jobs step forward as its limits allow: one at least, unless it is paused. One test event
   * goes beside them, so that whoever sent it gets an answer whatever hangs.
   */
  #advance(line: EndpointLine): void {
    if (line.isPaused) return;
    const test = line.hasExtra ? undefined : line.nextTest();
    if (test) {
      this.#countParked(line, -1);
      line.hasExtra = true;
      test.isExtra = true;
      this.#extra.push(test);
    }
    while (line.activeCount < Math.min(this.#limitNow(), this.#slowStart.limitOf(line.endpointId))) {
      const next = line.next();
      if (!next) return;
      this.#countParked(line, -1);
      line.activeCount += 1;
      this.#ready[next.lane].push(next);
    }
  }

  /** A job in flight gives its slot back. */
  #leave(entry: Entry): EndpointLine {
    const line = this.#lines.get(entry.job.endpointId)!;
    if (entry.isExtra) {
      this.#extraCount -= 1;
      line.hasExtra = false;
      entry.isExtra = false;
    } else {
      this.#running[entry.lane] -= 1;
      line.activeCount -= 1;
    }
    return line;
  }

  #park(line: EndpointLine, entry: Entry): void {
    line.park(entry);
    this.#countParked(line, 1);
  }

  #setAllowance(line: EndpointLine, allowance: number): void {
    const { parkedCount } = line;
    this.#countParked(line, -parkedCount);
    line.allowance = allowance;
    this.#countParked(line, parkedCount);
  }

  #countParked(line: EndpointLine, count: number): void {
    this.#parkedCount += count;
    if (line.allowance !== Infinity) this.#pacedCount += count;
  }

  #forgetIfDone(line: EndpointLine): void {
    if (line.isDone) this.#lines.delete(line.endpointId);
  }

  #limitNow(): number {
    const { slots, slotsPerEndpoint } = this.#limits;
    const free = slots - this.#takenSlots - this.#ready[Lane.Fresh].length - this.#ready[Lane.Bulk].length;
    return Math.min(slotsPerEndpoint, Math.max(1, Math.ceil(free * SHARE_OF_FREE)));
  }

  #slotsOf(lane: Lane): number {
    return lane === Lane.Bulk ? Math.max(1, Math.floor(this.#limits.slots * BULK_SHARE)) : this.#limits.slots;
  }
}
