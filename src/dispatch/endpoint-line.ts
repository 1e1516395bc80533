import type { ClaimedJob, Lane } from '../storage/queue.js';

/** In the order in which an endpoint's jobs step forward: those that a person waits for first. */
export const TURNS = ['urgent', 'fresh', 'bulk'] as const;
export type Turn = (typeof TURNS)[number];

/** A claimed job, the lane it came by, and its place in its endpoint's line. */
export interface Entry {
  readonly job: ClaimedJob;
  readonly lane: Lane;
  /** Rises with each job that comes. */
  readonly order: number;
  turn: Turn;
  /** Whether it was taken before. What a job is for is not known until it is loaded. */
  isSeen: boolean;
  /** Whether it is in flight beside the slots, as a test event may be. */
  isExtra: boolean;
}

/** One endpoint's share: jobs in flight or about to be, and jobs behind its limits. */
export class EndpointLine {
  /** Jobs with a slot, in flight or about to be. */
  activeCount = 0;
  /** Whether a test event is beside them. */
  hasExtra = false;
  /** How many may step forward before it is asked again how many; infinite without a rate limit. */
  allowance = Infinity;
  /** How many fresh ones may step forward beyond that, only to see what they are for. */
  looks = 0;
  /** Nothing steps forward until it is resumed. */
  isPaused = false;
  readonly #parked: Record<Turn, Entry[]> = { urgent: [], fresh: [], bulk: [] };

  constructor(readonly endpointId: string) {}

  get parkedCount(): number {
    return TURNS.reduce((total, turn) => total + this.#parked[turn].length, 0);
  }

  /** Whether nothing is left to remember. */
  get isDone(): boolean {
    return this.activeCount === 0 && !this.hasExtra && this.parkedCount === 0 && !this.isPaused;
  }

  /** Puts a job in its place. */
  park(entry: Entry): void {
    const queue = this.#parked[entry.turn];
    const index = queue.findLastIndex(({ order }) => order < entry.order);
    queue.splice(index + 1, 0, entry);
  }

  /** Takes out the job whose turn it is; with the allowance used up, one that nobody has seen. */
  next(): Entry | undefined {
    if (this.allowance <= 0) return this.#nextUnseen();
    const turn = TURNS.find((one) => this.#parked[one].length > 0);
    if (turn) this.allowance -= 1;
    return turn && this.#parked[turn].shift();
  }

  /** Takes out the first test event. */
  nextTest(): Entry | undefined {
    const index = this.allowance > 0 ? this.#parked.urgent.findIndex(({ job }) => job.isTest) : -1;
    if (index < 0) return undefined;
    this.allowance -= 1;
    return this.#parked.urgent.splice(index, 1)[0];
  }

  /** Takes out everything that waits. */
  clear(): Entry[] {
    return TURNS.flatMap((turn) => this.#parked[turn].splice(0));
  }

  /** The latest: whoever retries something by hand behind a backlog has just done so. */
  #nextUnseen(): Entry | undefined {
    const index = this.looks > 0 ? this.#parked.fresh.findLastIndex(({ isSeen }) => !isSeen) : -1;
    if (index < 0) return undefined;
    this.looks -= 1;
    return this.#parked.fresh.splice(index, 1)[0];
  }
}
