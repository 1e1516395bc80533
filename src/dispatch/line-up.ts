import { type ClaimedJob, Lane } from '../storage/queue.js';

export interface LineUpLimits {
  /** Attempts in flight, at most. */
  slots: number;
  /** Attempts in flight to one endpoint, at most. */
  slotsPerEndpoint: number;
}

/** A claimed job and the lane it came by. */
export interface Entry {
  job: ClaimedJob;
  lane: Lane;
}

/** One endpoint's share: jobs in flight or about to be, and jobs behind its limit. */
interface EndpointLine {
  active: number;
  parked: Record<Lane, Entry[]>;
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

/** An endpoint may have this share of the slots that nobody uses. */
const SHARE_OF_FREE = 0.5;

/**
 * The claimed jobs of a dispatcher and whose turn it is. Each lane keeps the order of its claims. An endpoint at its
 * limit keeps nobody else waiting: its jobs step aside. The limit shrinks as slots fill up, so that however many
 * endpoints hang, there is a slot for the next one.
 */
export class LineUp {
  readonly #limits: LineUpLimits;
  readonly #lines = new Map<string, EndpointLine>();
  readonly #ready: Record<Lane, Entry[]> = { [Lane.Fresh]: [], [Lane.Bulk]: [] };
  readonly #running: Record<Lane, number> = { [Lane.Fresh]: 0, [Lane.Bulk]: 0 };
  #parkedCount = 0;

  constructor(limits: LineUpLimits) {
    this.#limits = limits;
  }

  /** How many more jobs of a lane are worth claiming; 0 while there is room for a few only. */
  room(lane: Lane): number {
    if (lane === Lane.Bulk && this.#parkedCount >= this.#limits.slots * MAX_PARKED) return 0;
    const wanted = this.#slotsOf(lane) * (1 + AHEAD);
    const room = Math.ceil(wanted) - this.#running[lane] - this.#ready[lane].length;
    return room >= wanted * WORTH_CLAIMING ? room : 0;
  }

  admit(job: ClaimedJob, lane: Lane): void {
    const line = this.#lines.get(job.endpointId) ?? { active: 0, parked: { [Lane.Fresh]: [], [Lane.Bulk]: [] } };
    this.#lines.set(job.endpointId, line);
    line.parked[lane].push({ job, lane });
    this.#parkedCount += 1;
    this.#advance(line);
  }

  /** The jobs that may start now, the fresh ones first. Each takes a slot until it is given to `finish`. */
  take(): Entry[] {
    const taken: Entry[] = [];
    for (const lane of LANES) {
      const free = Math.min(this.#slotsOf(lane) - this.#running[lane], this.#limits.slots - this.runningCount);
      const started = this.#ready[lane].splice(0, Math.max(0, free));
      this.#running[lane] += started.length;
      taken.push(...started);
    }
    return taken;
  }

  /** Frees the slot of a job, and lets the next of its endpoint step forward. */
  finish({ job, lane }: Entry): void {
    this.#running[lane] -= 1;
    const line = this.#lines.get(job.endpointId)!;
    line.active -= 1;
    this.#advance(line);
    if (line.active === 0) this.#lines.delete(job.endpointId);
  }

  /** Attempts in flight. */
  get runningCount(): number {
    return this.#running[Lane.Fresh] + this.#running[Lane.Bulk];
  }

  /** Takes out every job that has not started. */
  clear(): ClaimedJob[] {
    const ready = LANES.flatMap((lane) => this.#ready[lane].splice(0));
    for (const { job } of ready) this.#lines.get(job.endpointId)!.active -= 1;
    const parked = [...this.#lines.values()].flatMap((line) => LANES.flatMap((lane) => line.parked[lane].splice(0)));
    this.#parkedCount = 0;
    return [...ready, ...parked].map(({ job }) => job);
  }

  /** Lets as many of an endpoint's jobs step forward as its limit allows: one at least. */
  #advance(line: EndpointLine): void {
    while (line.active < this.#limitNow()) {
      const next = line.parked[Lane.Fresh].shift() ?? line.parked[Lane.Bulk].shift();
      if (!next) return;
      this.#parkedCount -= 1;
      line.active += 1;
      this.#ready[next.lane].push(next);
    }
  }

  #limitNow(): number {
    const { slots, slotsPerEndpoint } = this.#limits;
    const free = slots - this.runningCount - this.#ready[Lane.Fresh].length - this.#ready[Lane.Bulk].length;
    return Math.min(slotsPerEndpoint, Math.max(1, Math.ceil(free * SHARE_OF_FREE)));
  }

  #slotsOf(lane: Lane): number {
    return lane === Lane.Bulk ? Math.max(1, Math.floor(this.#limits.slots * BULK_SHARE)) : this.#limits.slots;
  }
}
