import type { DisabledReason } from '../endpoints/endpoint.js';
import type { EndpointKey } from '../endpoints/endpoint-key.js';
import type { Log } from '../log.js';
import { idFields } from '../storage/log-fields.js';
import { traceIdOf } from '../tracing.js';
import type { SettledAttempt } from './advance.js';
import { classify, isSuccess } from './outcome.js';

/**
 * One wide line per attempt, once it is on record.
 *
 * @param traceParent of its span; that of its event, if it has none
 */
export function logSettled(
  log: Log,
  { finished, number, status, nextAttemptAt }: SettledAttempt,
  traceParent = finished.loaded.traceParent,
): void {
  const { loaded, outcome } = finished;
  const fields = {
    ...idFields({ ...loaded.job, eventId: loaded.eventId }),
    eventType: loaded.eventType,
    attempt: number,
    trigger: loaded.trigger,
    outcome: classify(outcome),
    statusCode: outcome.kind === 'response' ? outcome.statusCode : undefined,
    error: outcome.kind === 'no-response' ? outcome.error : undefined,
    responseTimeMs: outcome.responseTimeMs,
    status,
    nextAttemptAt: nextAttemptAt ?? undefined,
    trace_id: traceIdOf(traceParent),
  };
  if (isSuccess(outcome)) log.debug(fields, 'attempt settled');
  else log.info(fields, 'attempt settled');
}

/** An endpoint that switched itself off: its owner may ask why. */
export function logDisabled(log: Log, endpoint: EndpointKey, reason: DisabledReason): void {
  log.info({ ...idFields(endpoint), reason }, 'endpoint disabled');
}
