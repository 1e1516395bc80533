import type { ServerResponse } from 'node:http';
import type { Answer } from '../receiver.js';
import type { Random } from './random.js';

/** How an endpoint answers, and what it is created with besides its URL and subscription. */
export interface Nature {
  /** Whether people switch it off and on, or delete it. */
  readonly isLeftAlone?: boolean;
  readonly settings?: { rateLimitPerSecond?: number; retryScheduleSeconds?: number[] };
  /** `count` is 1 for the first request of a delivery. */
  answer(random: Random, count: number): Answer | Misbehaviour;
}

/** An answer that is none, or not as it should be. Returns the status that its sender gets to know; null for none. */
export type Misbehaviour = (response: ServerResponse) => number | null;

const OK: Answer = { status: 200 };
const ERROR: Answer = { status: 500 };

/** Long enough to be retried by hand meanwhile, and to come due long after the endpoint was disabled. */
const LONG_WAIT_SECONDS = 2.5;

/** By name. Endpoints are named after theirs, with a number: `flaky-7`. */
export const NATURES: Readonly<Record<string, Nature>> = {
  steady: { isLeftAlone: true, answer: () => OK },
  shaky: { isLeftAlone: true, answer: (random) => (random.chance(0.3) ? ERROR : OK) },
  plain: { answer: () => OK },
  flaky: { answer: (_random, count) => (count <= 1 ? ERROR : OK) },
  patient: {
    settings: { retryScheduleSeconds: [0.1, LONG_WAIT_SECONDS, 0.2] },
    answer: (_random, count) => (count <= 5 ? ERROR : OK),
  },
  stubborn: { settings: { retryScheduleSeconds: [LONG_WAIT_SECONDS, 0.2] }, answer: () => ERROR },
  broken: { settings: { retryScheduleSeconds: [0.3, 0.5] }, answer: () => ERROR },
  hopeless: { settings: { retryScheduleSeconds: [] }, answer: (random) => (random.chance(0.5) ? ERROR : OK) },
  leaving: { answer: (random) => (random.chance(0.04) ? { status: 410 } : random.chance(0.3) ? ERROR : OK) },
  slow: { answer: (random) => ({ status: random.chance(0.8) ? 200 : 500, delayMs: random.whole(200, 800) }) },
  limited: { settings: { rateLimitPerSecond: 60 }, answer: (random) => (random.chance(0.2) ? ERROR : OK) },
  busy: {
    answer: (random) => (random.chance(0.2) ? { status: 503, headers: { 'retry-after': '1' } } : OK),
  },
};

export function natureOf(name: string): Nature {
  return NATURES[name.split('-')[0]!]!;
}
