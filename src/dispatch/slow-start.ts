import type { Outcome } from './outcome.js';

/**
 * What a success adds, and a failure takes. Their ratio is the share of failures that is put up with: an endpoint on which
 * fewer than one in nine attempts fail keeps all its slots, and one that is overrun settles where one in nine is refused.
 * Their size is how fast it goes: a quarter more attempts in the time that an answer takes.
 */
const GAIN = 0.25;
const LOSS = 2;

/** Where no answer comes, one at a time would be one per time-out. */
const LEAST_WITHOUT_ANSWER = 4;

/** Endpoints that are remembered, at most; the one that failed first is forgotten, and met like any other. */
const MAX_REMEMBERED = 10_000;

/**
 * How many attempts at once an endpoint can take, by what became of those before: fewer with each failure, more with each
 * success. This process goes by what it saw itself. Of an endpoint that has all its slots, nothing is kept.
 * @see https://www.rfc-editor.org/rfc/rfc5681#section-3.1
 */
export class SlowStart {
  readonly #full: number;
  readonly #limits = new Map<string, number>();

  /** @param full the limit of an endpoint that is well. */
  constructor(full: number) {
    this.#full = full;
  }

  /** How many attempts an endpoint may have in flight, as far as its failures go. */
  limitOf(endpointId: string): number {
    return Math.floor(this.#limits.get(endpointId) ?? this.#full);
  }

  /** Whether an endpoint has fewer than all. */
  isSlow(endpointId: string): boolean {
    return this.#limits.has(endpointId);
  }

  /** Takes note of what an attempt came to. */
  note(endpointId: string, outcome: Outcome): void {
    const limit = this.#limits.get(endpointId) ?? this.#full;
    if (isStrained(outcome)) {
      const least = outcome.kind === 'response' ? 1 : Math.min(limit, LEAST_WITHOUT_ANSWER);
      this.#limits.set(endpointId, Math.max(least, limit - LOSS));
      if (this.#limits.size > MAX_REMEMBERED) this.#limits.delete(this.#limits.keys().next().value!);
    } else if (limit + GAIN < this.#full) {
      this.#limits.set(endpointId, limit + GAIN);
    } else if (this.#limits.size > 0) {
      this.#limits.delete(endpointId);
    }
  }
}

/** Whether fewer attempts would help. A receiver that declines an event has answered, and may be asked as often as before. */
function isStrained(outcome: Outcome): boolean {
  if (outcome.kind === 'response') return outcome.statusCode === 429 || outcome.statusCode >= 500;
  return outcome.reason === 'timeout' || outcome.reason === 'connection';
}
