import { AttemptTrigger } from '../deliveries/attempt.js';
import { DeliveryStatus } from '../deliveries/delivery-status.js';
import type { Metrics } from '../metrics.js';
import { instantOf } from '../storage/ids.js';
import type { SettledAttempt } from './advance.js';
import { classify } from './outcome.js';

/** Counts an attempt that is on record. */
export function countSettled(metrics: Metrics, { finished, number, status }: SettledAttempt): void {
  const { loaded, outcome, startedAt } = finished;
  const { trigger, job } = loaded;
  metrics.attempts.inc({ outcome: classify(outcome), trigger });
  metrics.attemptDuration.observe(outcome.responseTimeMs / 1_000);
  if (trigger !== AttemptTrigger.SCHEDULED) return;
  if (number === 1) metrics.firstAttemptLatency.observe((startedAt.getTime() - instantOf(job.deliveryId)) / 1_000);
  if (status === DeliveryStatus.FAILED) metrics.deliveriesFailed.inc();
}
