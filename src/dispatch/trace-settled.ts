import { toTypeId } from '../storage/ids.js';
import type { SpanAttributes, Tracing } from '../tracing.js';
import type { SettledAttempt } from './advance.js';
import { classify, isSuccess, type Outcome } from './outcome.js';

/**
 * One span per attempt, as part of the trace in which its event was published. It is written once the attempt is on record,
 * with the times of then. Answers its `traceparent`.
 *
 * The URL is left out but for scheme, host and port: many a receiver keeps a secret in the path.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
 */
export function traceSettled(tracing: Tracing, { finished, number, status }: SettledAttempt): string {
  const { loaded, outcome, startedAt } = finished;
  const { accountId, deliveryId, endpointId } = loaded.job;
  const span = tracing.start({
    name: 'POST',
    kind: 'client',
    parent: loaded.traceParent,
    startedAt,
    attributes: {
      'http.request.method': 'POST',
      'http.request.resend_count': number > 1 ? number - 1 : undefined,
      ...describeReceiver(loaded.url),
      ...describeOutcome(outcome),
      'messaging.message.id': toTypeId('evt', loaded.eventId),
      'webhooks.account.id': accountId,
      'webhooks.event.type': loaded.eventType,
      'webhooks.delivery.id': toTypeId('dlv', deliveryId),
      'webhooks.delivery.status': status,
      'webhooks.endpoint.id': toTypeId('ep', endpointId),
      'webhooks.attempt.number': number,
      'webhooks.attempt.trigger': loaded.trigger,
      'webhooks.attempt.outcome': classify(outcome),
    },
  });
  const error = outcome.kind === 'no-response' ? outcome.error : `HTTP ${outcome.statusCode}`;
  const endedAt = new Date(startedAt.getTime() + outcome.responseTimeMs);
  span.end(isSuccess(outcome) ? { endedAt } : { endedAt, error });
  return span.traceParent;
}

function describeReceiver(text: string): SpanAttributes {
  const url = URL.parse(text);
  if (!url) return {};
  const { protocol, hostname, port } = url;
  return {
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
    'url.scheme': protocol.slice(0, -1),
  };
}

function describeOutcome(outcome: Outcome): SpanAttributes {
  if (outcome.kind === 'no-response') return { 'error.type': classify(outcome) };
  const { statusCode } = outcome;
  return {
    'http.response.status_code': statusCode,
    'error.type': isSuccess(outcome) ? undefined : String(statusCode),
  };
}
