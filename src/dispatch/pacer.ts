import { AttemptTrigger } from '../deliveries/attempt.js';
import type { Executor } from '../storage/database.js';
import { Lane } from '../storage/queue.js';
import { type Entry, TURNS, type Turn } from './endpoint-line.js';
import type { LineUp } from './line-up.js';
import type { LoadedAttempt } from './load.js';
import { type Pace, reserve } from './pace.js';

/** A job that has a slot, and what it is to send. */
export interface Startable {
  entry: Entry;
  loaded: LoadedAttempt;
}

export interface PacerOptions {
  database: Executor;
  lineUp: LineUp;
  /** Makes an attempt whose time has come. */
  start: (startable: Startable) => void;
  /** Told when jobs stepped forward or gave their slots back. */
  onChange: () => void;
}

const PAUSE_AFTER_ERROR_MS = 500;

/**
 * Starts attempts to endpoints that have a rate limit, each at its time. What may not start within a moment goes back
 * in line, where it holds no slot, and its endpoint is paused until it is worth asking again.
 */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #resumptions = new Map<string, NodeJS.Timeout>();
  #isStopped = false;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** Deals with all of them, or rejects before it has dealt with any. */
  async start(startables: readonly Startable[]): Promise<void> {
    const { database, lineUp } = this.#options;
    const byEndpoint = Map.groupBy(startables, ({ entry }) => entry.job.endpointId);
    // Before anything is waited for: nobody else is to ask for the same endpoint meanwhile.
    for (const endpointId of byEndpoint.keys()) lineUp.pause(endpointId);
    let paces: Map<string, Pace>;
    try {
      paces = await reserve(database, [...byEndpoint.values()].map(toAsk));
    } catch (error) {
      for (const endpointId of byEndpoint.keys()) this.#resumeIn(PAUSE_AFTER_ERROR_MS, endpointId);
      throw error;
    }
    for (const [endpointId, ours] of byEndpoint) {
      const { granted, firstInMs, stepMs, askAgainInMs, worthAskingFor } = paces.get(endpointId)!;
      for (const [index, startable] of inTurn(ours).entries()) {
        if (index < granted) this.#startIn(firstInMs + index * stepMs, startable);
        else lineUp.stepBack(startable.entry);
      }
      this.#resumeIn(askAgainInMs, endpointId, worthAskingFor);
    }
    this.#options.onChange();
  }

  /** Resumes nothing more. What was granted still starts. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#resumptions.values()) clearTimeout(timer);
  }

  #startIn(delayMs: number, startable: Startable): void {
    const { start } = this.#options;
    if (delayMs <= 0) start(startable);
    else setTimeout(start, Math.ceil(delayMs), startable);
  }

  #resumeIn(delayMs: number, endpointId: string, count?: number): void {
    if (this.#isStopped) return;
    const resume = () => {
      this.#resumptions.delete(endpointId);
      this.#options.lineUp.resume(endpointId, count);
      this.#options.onChange();
    };
    if (delayMs <= 0) resume();
    else this.#resumptions.set(endpointId, setTimeout(resume, delayMs));
  }
}

function toAsk(startables: readonly Startable[]) {
  const { entry, loaded } = startables[0]!;
  const { accountId, endpointId } = entry.job;
  return { accountId, endpointId, ratePerSecond: loaded.rateLimitPerSecond!, wanted: startables.length };
}

/** The order in which attempts to one endpoint start, now that it is known what they are for. */
function inTurn(startables: readonly Startable[]): Startable[] {
  for (const startable of startables) startable.entry.turn = turnOf(startable);
  return startables.toSorted(
    ({ entry: a }, { entry: b }) => TURNS.indexOf(a.turn) - TURNS.indexOf(b.turn) || a.order - b.order,
  );
}

/** Somebody waits for a test event, and for what was retried by hand unless it was with many others. */
function turnOf({ entry, loaded }: Startable): Turn {
  if (entry.lane === Lane.Bulk) return 'bulk';
  return loaded.trigger === AttemptTrigger.SCHEDULED ? 'fresh' : 'urgent';
}
