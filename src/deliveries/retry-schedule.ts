import { DAY_MS } from '../units.js';

const LONGEST_RETRY_AFTER_MS = DAY_MS;

export interface RetryDelayInput {
  /** Scheduled attempts made so far, the one that just failed included. */
  scheduledAttemptCount: number;
  /** Waits before attempts 2, 3, …, in milliseconds. */
  scheduleMs: readonly number[];
  /** What the endpoint asked for with `Retry-After`, in milliseconds. */
  retryAfterMs?: number | undefined;
}

/**
 * How long to wait before the next attempt, in milliseconds, or `null` when the schedule is used up. The endpoint may
 * ask for longer than the schedule says, up to a day, never for less.
 */
export function retryDelayMs({ scheduledAttemptCount, scheduleMs, retryAfterMs = 0 }: RetryDelayInput): number | null {
  const delayMs = scheduleMs[scheduledAttemptCount - 1];
  return delayMs === undefined ? null : Math.max(delayMs, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
}
