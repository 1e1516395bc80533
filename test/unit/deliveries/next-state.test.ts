import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AttemptTrigger } from '../../../src/deliveries/attempt.js';
import { DeliveryStatus, isFinal, MOVES } from '../../../src/deliveries/delivery-status.js';
import { type AttemptResult, type DeliveryState, stateAfter } from '../../../src/deliveries/next-state.js';

const SCHEDULE_MS = [60_000, 300_000];
const FINISHED_AT = new Date('2026-11-23T20:00:00.000Z');
const EARLIER = new Date('2026-11-23T19:00:00.000Z');

function state(over: Partial<DeliveryState> = {}): DeliveryState {
  return {
    status: DeliveryStatus.PENDING,
    attemptCount: 0,
    scheduledAttemptCount: 0,
    dueAt: EARLIER,
    jobId: 'job',
    completedAt: null,
    ...over,
  };
}

function result(over: Partial<AttemptResult> = {}): AttemptResult {
  return {
    trigger: AttemptTrigger.SCHEDULED,
    succeeded: false,
    isCurrent: true,
    isDisabled: false,
    finishedAt: FINISHED_AT,
    ...over,
  };
}

describe('the state after an attempt', () => {
  it('is SUCCEEDED after a 2xx, without a job or a due time', () => {
    expect(stateAfter(state(), result({ succeeded: true }), SCHEDULE_MS)).toMatchObject({
      status: 'SUCCEEDED',
      attemptCount: 1,
      dueAt: null,
      jobId: null,
      completedAt: FINISHED_AT,
    });
  });

  it('is RETRYING after a failure, due a wait after it ended', () => {
    expect(stateAfter(state(), result(), SCHEDULE_MS)).toMatchObject({
      status: 'RETRYING',
      scheduledAttemptCount: 1,
      dueAt: new Date('2026-11-23T20:01:00.000Z'),
      jobId: null,
    });
  });

  it('is FAILED once the schedule is used up', () => {
    const before = state({ status: DeliveryStatus.RETRYING, attemptCount: 2, scheduledAttemptCount: 2 });
    expect(stateAfter(before, result(), SCHEDULE_MS)).toMatchObject({
      status: 'FAILED',
      dueAt: null,
      completedAt: FINISHED_AT,
    });
  });

  it('keeps due time and place in the schedule when a manual attempt fails', () => {
    const before = state({ status: DeliveryStatus.RETRYING, attemptCount: 1, scheduledAttemptCount: 1 });
    expect(stateAfter(before, result({ trigger: AttemptTrigger.MANUAL }), SCHEDULE_MS)).toEqual({
      ...before,
      attemptCount: 2,
      jobId: null,
    });
  });

  it('counts a failure that comes in late, and changes nothing else', () => {
    const before = state({ jobId: 'newer job' });
    expect(stateAfter(before, result({ isCurrent: false }), SCHEDULE_MS)).toEqual({ ...before, attemptCount: 1 });
  });

  it('ends with a 2xx that comes in late', () => {
    const before = state({ status: DeliveryStatus.RETRYING, jobId: 'newer job' });
    const after = stateAfter(before, result({ isCurrent: false, succeeded: true }), SCHEDULE_MS);
    expect(after).toMatchObject({ status: 'SUCCEEDED', jobId: null });
  });

  it('is FAILED after the one attempt of a test event', () => {
    expect(stateAfter(state(), result({ trigger: AttemptTrigger.TEST }), SCHEDULE_MS).status).toBe('FAILED');
  });

  it('keeps the time of the first success', () => {
    const before = state({ status: DeliveryStatus.SUCCEEDED, dueAt: null, completedAt: EARLIER });
    const manual = result({ trigger: AttemptTrigger.MANUAL });
    expect(stateAfter(before, { ...manual, succeeded: true }, SCHEDULE_MS).completedAt).toBe(EARLIER);
    expect(stateAfter(before, manual, SCHEDULE_MS)).toMatchObject({ status: 'SUCCEEDED', completedAt: EARLIER });
  });

  it('makes only moves of the table, and always fits the constraints of the database', () => {
    const anyState = fc
      .record({
        status: fc.constantFrom(...Object.values(DeliveryStatus)),
        attemptCount: fc.nat(10),
        scheduledAttemptCount: fc.nat(3),
      })
      .map((partial) =>
        state({
          ...partial,
          attemptCount: partial.attemptCount + partial.scheduledAttemptCount,
          dueAt: isFinal(partial.status) ? null : EARLIER,
          completedAt: isFinal(partial.status) ? EARLIER : null,
        }),
      );
    const anyResult = fc
      .record({
        succeeded: fc.boolean(),
        isCurrent: fc.boolean(),
        trigger: fc.constantFrom(...Object.values(AttemptTrigger)),
      })
      .map((partial) => result(partial));
    fc.assert(
      fc.property(anyState, anyResult, (before, attempt) => {
        // A finished delivery has no scheduled attempts any more.
        fc.pre(!isFinal(before.status) || attempt.trigger === AttemptTrigger.MANUAL || !attempt.isCurrent);
        const after = stateAfter(before, attempt, SCHEDULE_MS);
        expect([before.status, ...MOVES[before.status]]).toContain(after.status);
        expect(after.attemptCount).toBe(before.attemptCount + 1);
        expect(after.scheduledAttemptCount).toBeLessThanOrEqual(after.attemptCount);
        expect(isFinal(after.status)).toBe(after.dueAt === null);
        expect(isFinal(after.status)).toBe(after.completedAt !== null);
      }),
    );
  });
});
