import { describe, expect, it } from '@jest/globals';
import type { NoResponseReason, Outcome } from '../../../src/dispatch/outcome.js';
import { SlowStart } from '../../../src/dispatch/slow-start.js';

const FULL = 64;

function response(statusCode: number): Outcome {
  return { kind: 'response', statusCode, headers: [], body: '', bodyTruncated: false, responseTimeMs: 1 };
}

function noResponse(reason: NoResponseReason): Outcome {
  return { kind: 'no-response', reason, error: '', responseTimeMs: 1 };
}

/** An endpoint after so many of the same outcome. */
function after(outcome: Outcome, count: number, slowStart = new SlowStart(FULL)): SlowStart {
  for (let number = 0; number < count; number += 1) slowStart.note('a', outcome);
  return slowStart;
}

it('lets an endpoint have all that nobody has heard of, or that does well', () => {
  const slowStart = after(response(200), 3);

  expect([slowStart.limitOf('a'), slowStart.limitOf('unheard of')]).toEqual([FULL, FULL]);
  expect(slowStart.isSlow('a')).toBe(false);
});

it.each([
  ['a 500', response(500), 1],
  ['a 503', response(503), 1],
  ['a 429', response(429), 1],
  ['a time-out', noResponse('timeout'), 4],
  ['a broken connection', noResponse('connection'), 4],
])('goes down with %s, to a few', (_what, outcome, least) => {
  expect(after(outcome, 1).limitOf('a')).toBe(FULL - 2);
  expect(after(outcome, 100).limitOf('a')).toBe(least);
  expect(after(outcome, 100).isSlow('a')).toBe(true);
  expect(after(outcome, 100).limitOf('b')).toBe(FULL);
});

it('does not rise because no answer comes at all', () => {
  const slowStart = after(response(503), 100);

  expect(after(noResponse('timeout'), 1, slowStart).limitOf('a')).toBe(1);
});

it.each([
  ['a 204', response(204)],
  ['a 301', response(301)],
  ['a 400', response(400)],
  ['a 404', response(404)],
  ['a 410', response(410)],
  ['a name that is not found', noResponse('dns')],
  ['a certificate that has expired', noResponse('tls')],
  ['a blocked address', noResponse('blocked-address')],
])('is not concerned about %s', (_what, outcome) => {
  expect(after(outcome, 100).limitOf('a')).toBe(FULL);
});

it('goes up by one with four successes, and has forgotten it all at the top', () => {
  const slowStart = after(response(503), 100);

  expect(after(response(200), 40, slowStart).limitOf('a')).toBe(11);
  expect(after(response(200), 4 * (FULL - 11) - 1, slowStart).isSlow('a')).toBe(true);
  expect(after(response(200), 1, slowStart).limitOf('a')).toBe(FULL);
  expect(slowStart.isSlow('a')).toBe(false);
});

describe.each([1, 2, 8])('with %s slots', (full) => {
  it('never goes below one or above that', () => {
    const slowStart = new SlowStart(full);
    for (const statusCode of [503, 200, 503, 503, 503, ...Array(40).fill(200)]) {
      slowStart.note('a', response(statusCode));
      expect(slowStart.limitOf('a')).toBeGreaterThanOrEqual(1);
      expect(slowStart.limitOf('a')).toBeLessThanOrEqual(full);
    }
    expect(slowStart.isSlow('a')).toBe(false);
  });
});

it('leaves all to an endpoint of which every twelfth attempt fails', () => {
  const slowStart = new SlowStart(FULL);
  const limits = Array.from({ length: 12 * 100 }, (_, number) => {
    slowStart.note('a', response(number % 12 === 0 ? 500 : 200));
    return slowStart.limitOf('a');
  });

  expect(Math.min(...limits)).toBe(FULL - 2);
});

it('settles where an endpoint that takes eight at once is hardly overrun', () => {
  const slowStart = new SlowStart(FULL);
  let refusedCount = 0;
  // Round by round: as many as it may have are sent at once.
  for (let round = 0; round < 200; round += 1) {
    const sentCount = slowStart.limitOf('a');
    for (let number = 0; number < sentCount; number += 1) slowStart.note('a', response(number < 8 ? 200 : 503));
    if (round > 10) refusedCount += Math.max(0, sentCount - 8);
  }

  expect(slowStart.limitOf('a')).toBeLessThanOrEqual(10);
  expect(refusedCount).toBeLessThan(190 * 8 * 0.15);
});

it('remembers ten thousand endpoints at most', () => {
  const slowStart = new SlowStart(FULL);
  for (let number = 0; number <= 10_000; number += 1) slowStart.note(`${number}`, response(503));

  expect([slowStart.isSlow('0'), slowStart.isSlow('1'), slowStart.isSlow('10000')]).toEqual([false, true, true]);
});
