import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Answer } from '../receiver.js';
import type { Random } from './random.js';

/** How an endpoint answers, and what it is created with besides its URL and subscription. */
export interface Nature {
  /** Whether people switch it off and on, or delete it. */
  readonly isLeftAlone?: boolean;
  /** Whether it has a certificate that nobody trusts. */
  readonly isUntrusted?: boolean;
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
    answer: (random) =>
      random.chance(0.2) ? { status: random.pick([429, 503]), headers: { 'retry-after': '1' } } : OK,
  },
};

/** Endpoints that do what no endpoint should. They are to disturb nobody, and lose nothing of their own. */
export const HOSTILE_NATURES: Readonly<Record<string, Nature>> = {
  resetting: { answer: () => (response) => leave(response) },
  hanging: { answer: () => () => null },
  dripping: { answer: () => (response) => drip(response) },
  endless: { answer: () => (response) => flood(response) },
  inflating: { answer: () => ({ status: 200, headers: { 'content-encoding': 'gzip' }, body: GZIP_BOMB }) },
  redirecting: { answer: () => ({ status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data' } }) },
  untrusted: { isUntrusted: true, answer: () => OK },
};

/** A hundred kilobytes that become a hundred megabytes. */
const GZIP_BOMB = gzipSync(Buffer.alloc(100 * 1_048_576));

function leave(response: ServerResponse): null {
  response.destroy();
  return null;
}

/** A byte a second, and no end. */
function drip(response: ServerResponse): null {
  response.writeHead(200);
  const dripping = setInterval(() => response.write('.'), 1_000);
  response.once('close', () => clearInterval(dripping));
  return null;
}

/** As much as the other side takes, and no end. Whoever stops reading in time has an answer. */
function flood(response: ServerResponse): number {
  response.writeHead(200);
  const piece = Buffer.alloc(65_536, 'x');
  const write = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', write);
  write();
  return 200;
}

export function natureOf(name: string): Nature {
  const kind = name.split('-')[0]!;
  return (NATURES[kind] ?? HOSTILE_NATURES[kind])!;
}
