import { AttemptTrigger } from './attempt.js';
import type { Delivery } from './delivery.js';
import { DeliveryStatus, isFinal, MOVES } from './delivery-status.js';
import { retryDelayMs } from './retry-schedule.js';

/** The part of a delivery that an attempt can change. */
export type DeliveryState = Pick<
  Delivery,
  'status' | 'attemptCount' | 'scheduledAttemptCount' | 'dueAt' | 'jobId' | 'completedAt'
>;

/** What an attempt brought. */
export interface AttemptResult {
  trigger: AttemptTrigger;
  succeeded: boolean;
  /** Whether the attempt was made for the delivery's live job, and nobody else has taken that over. */
  isCurrent: boolean;
  /** Whether the endpoint is disabled: what stays open is held. */
  isDisabled: boolean;
  finishedAt: Date;
  retryAfterMs?: number | undefined;
}

/**
 * What becomes of a delivery after an attempt. A 2xx ends it, whichever job made the attempt. A failure moves it only
 * when it is the live job's; that of a stale one is counted and changes nothing else.
 *
 * `jobId` is null in the answer when the attempt was the live job's: a delivery that is then still open needs a new
 * one, due at `dueAt`.
 */
export function stateAfter(
  before: DeliveryState,
  attempt: AttemptResult,
  scheduleMs: readonly number[],
): DeliveryState {
  const state = { ...before, attemptCount: before.attemptCount + 1 };
  if (attempt.succeeded) return moved(before, succeeded(state, attempt));
  if (!attempt.isCurrent) return state;
  state.jobId = null;
  switch (attempt.trigger) {
    case AttemptTrigger.MANUAL:
      return isFinal(state.status) ? state : moved(before, { ...state, status: openStatus(attempt) });
    case AttemptTrigger.TEST:
      return moved(before, failed(state, attempt));
    case AttemptTrigger.SCHEDULED: {
      state.scheduledAttemptCount += 1;
      const { scheduledAttemptCount } = state;
      const delayMs = retryDelayMs({ scheduledAttemptCount, scheduleMs, retryAfterMs: attempt.retryAfterMs });
      if (delayMs === null) return moved(before, failed(state, attempt));
      const dueAt = new Date(attempt.finishedAt.getTime() + delayMs);
      return moved(before, { ...state, status: openStatus(attempt), dueAt });
    }
  }
}

function openStatus({ isDisabled }: AttemptResult): DeliveryStatus {
  return isDisabled ? DeliveryStatus.HELD : DeliveryStatus.RETRYING;
}

function succeeded(state: DeliveryState, { trigger, isCurrent, finishedAt }: AttemptResult): DeliveryState {
  const countsForSchedule = isCurrent && trigger !== AttemptTrigger.MANUAL && !isFinal(state.status);
  return {
    ...state,
    status: DeliveryStatus.SUCCEEDED,
    scheduledAttemptCount: state.scheduledAttemptCount + (countsForSchedule ? 1 : 0),
    dueAt: null,
    jobId: null,
    completedAt: state.status === DeliveryStatus.SUCCEEDED ? state.completedAt : finishedAt,
  };
}

function failed(state: DeliveryState, { finishedAt }: AttemptResult): DeliveryState {
  return { ...state, status: DeliveryStatus.FAILED, dueAt: null, completedAt: finishedAt };
}

function moved(before: DeliveryState, after: DeliveryState): DeliveryState {
  if (before.status !== after.status && !MOVES[before.status].includes(after.status)) {
    throw new Error(`A delivery cannot move from ${before.status} to ${after.status}`);
  }
  return after;
}
