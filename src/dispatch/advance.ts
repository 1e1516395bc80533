import { DeliveryAttempt } from '../deliveries/attempt.js';
import { type DeliveryStatus, isFinal } from '../deliveries/delivery-status.js';
import type { LockedDelivery } from '../deliveries/locked-deliveries.js';
import { stateAfter } from '../deliveries/next-state.js';
import type { MessageHeader } from '../endpoints/http-header.js';
import type { Settlement } from '../endpoints/settlement.js';
import { isNotification } from '../events/notification-type.js';
import type { LoadedAttempt } from './load.js';
import { classify, isSuccess, type Outcome } from './outcome.js';

/** An attempt that was made and is not yet on record. */
export interface FinishedAttempt {
  /** The attempt's own id, by which it is known whether it is on record already. */
  id: string;
  loaded: LoadedAttempt;
  /** As they were sent, the secret ones masked. */
  requestHeaders: readonly MessageHeader[];
  startedAt: Date;
  outcome: Outcome;
}

/** What one attempt changed. */
export interface SettledAttempt {
  finished: FinishedAttempt;
  number: number;
  status: DeliveryStatus;
  nextAttemptAt: Date | null;
}

/** What finished attempts come to: rows to write, and what to tell of each. */
export interface Advanced {
  /** By delivery, as it is from now on. */
  after: Map<string, LockedDelivery>;
  settled: SettledAttempt[];
  attempts: DeliveryAttempt[];
  settlements: Settlement[];
}

/** Decides what becomes of each delivery, attempt by attempt in the order in which they finished. */
export function advance(
  retryScheduleMs: readonly number[],
  batch: readonly FinishedAttempt[],
  before: ReadonlyMap<string, LockedDelivery>,
  held: ReadonlySet<string>,
): Advanced {
  const after = new Map<string, LockedDelivery>();
  const settled: SettledAttempt[] = [];
  const attempts: DeliveryAttempt[] = [];
  const settlements: Settlement[] = [];
  for (const finished of batch) {
    const { loaded, outcome, startedAt } = finished;
    const { job, trigger } = loaded;
    const row = after.get(job.deliveryId) ?? before.get(job.deliveryId);
    // Deleted meanwhile, with its endpoint: there is nothing to record it on.
    if (!row) continue;
    const finishedAt = new Date(startedAt.getTime() + outcome.responseTimeMs);
    const succeeded = isSuccess(outcome);
    const isCurrent = held.has(job.id) && row.jobId === job.id;
    const retryAfterMs = outcome.kind === 'response' ? outcome.retryAfterMs : undefined;
    const scheduleMs = loaded.retryScheduleSeconds?.map((seconds) => Math.round(seconds * 1_000)) ?? retryScheduleMs;
    const { isDisabled } = row;
    const result = { trigger, succeeded, isCurrent, isDisabled, finishedAt, retryAfterMs };
    const next = { ...row, ...stateAfter(row, result, scheduleMs) };
    after.set(job.deliveryId, next);
    attempts.push(toAttempt(finished, next.attemptCount));
    settled.push({ finished, number: next.attemptCount, status: next.status, nextAttemptAt: next.dueAt });
    if (row.livemode) settlements.push(toSettlement(finished, { before: row, after: next, succeeded, finishedAt }));
  }
  return { after, settled, attempts, settlements };
}

function toAttempt(
  { id, loaded, outcome, requestHeaders, startedAt }: FinishedAttempt,
  number: number,
): DeliveryAttempt {
  const { job, trigger } = loaded;
  const response = outcome.kind === 'response' ? outcome : null;
  return Object.assign(new DeliveryAttempt(), {
    accountId: job.accountId,
    deliveryId: job.deliveryId,
    number,
    id,
    trigger,
    outcome: classify(outcome),
    requestHeaders,
    responseStatusCode: response?.statusCode ?? null,
    responseHeaders: response?.headers ?? [],
    responseBody: response?.body ?? null,
    responseBodyTruncated: response?.bodyTruncated ?? false,
    responseTimeMs: outcome.responseTimeMs,
    error: outcome.kind === 'no-response' ? outcome.error : null,
    startedAt,
  });
}

function toSettlement(
  { loaded, outcome, startedAt }: FinishedAttempt,
  {
    before,
    after,
    succeeded,
    finishedAt,
  }: { before: LockedDelivery; after: LockedDelivery; succeeded: boolean; finishedAt: Date },
): Settlement {
  const { accountId, endpointId, deliveryId } = loaded.job;
  const completed = after.status !== before.status && isFinal(after.status);
  return {
    accountId,
    endpointId,
    deliveryId,
    isNotification: isNotification(loaded.eventType),
    succeeded,
    startedAt,
    finishedAt,
    responseTimeMs: outcome.kind === 'response' ? outcome.responseTimeMs : null,
    completed: completed ? { succeeded, failedBeforeAt: before.completedAt } : null,
  };
}
