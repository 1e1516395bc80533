import { expect, it } from '@jest/globals';
import { retryDelayMs } from '../../../src/deliveries/retry-schedule.js';

const HOUR_MS = 3_600_000;
const scheduleMs = [60_000, 300_000, 1_800_000, 2 * HOUR_MS, 24 * HOUR_MS];

it('follows the schedule, attempt by attempt, and ends with it', () => {
  const delays = [1, 2, 3, 4, 5, 6].map((scheduledAttemptCount) => retryDelayMs({ scheduledAttemptCount, scheduleMs }));
  expect(delays).toEqual([...scheduleMs, null]);
});

it('never retries with an empty schedule', () => {
  expect(retryDelayMs({ scheduledAttemptCount: 1, scheduleMs: [] })).toBeNull();
});

it.each([
  { asked: 0, waits: 60_000 },
  { asked: 59_999, waits: 60_000 },
  { asked: 60_001, waits: 60_001 },
  { asked: 24 * HOUR_MS, waits: 24 * HOUR_MS },
  { asked: 25 * HOUR_MS, waits: 24 * HOUR_MS },
])('waits $waits ms when the endpoint asks for $asked', ({ asked, waits }) => {
  expect(retryDelayMs({ scheduledAttemptCount: 1, scheduleMs, retryAfterMs: asked })).toBe(waits);
});

it('does not let Retry-After lengthen a schedule that is used up', () => {
  expect(retryDelayMs({ scheduledAttemptCount: 6, scheduleMs, retryAfterMs: 1_000 })).toBeNull();
});
