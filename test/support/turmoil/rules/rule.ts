import { type Disruption, type EndpointHistory, type Ledger, overlap, type Span } from '../ledger.js';
import type { DeliverySeen, Seen } from '../read-back.js';

/** What was asked for and received, and what the service has on record once nothing moves any more. */
export interface Facts {
  readonly ledger: Ledger;
  readonly seen: Seen;
}

/** Answers a sentence for everything that is not as it says. */
export type Rule = (facts: Facts) => Iterable<string>;

/** Rules by what they say. */
export type Rules = Readonly<Record<string, Rule>>;

/** The deliveries that are none of test events, with what is known of their endpoints. */
export function* liveDeliveries({
  ledger,
  seen,
}: Facts): Iterable<{ delivery: DeliverySeen; history: EndpointHistory }> {
  for (const delivery of seen.deliveries) {
    const history = ledger.endpoints.get(delivery.endpoint.id);
    if (delivery.event.livemode && history) yield { delivery, history };
  }
}

/** A delivery and everything that happened to it, in one line. */
export function storyOf({ id, status, attemptCount, attempts }: DeliverySeen, { ledger, seen }: Facts): string {
  const { endpoint } = seen.deliveries.find((one) => one.id === id)!;
  const made = attempts.map(({ number, trigger, responseStatusCode, outcome, startedAt, responseTimeMs }) => {
    return `#${number} ${trigger} ${responseStatusCode ?? outcome} at ${startedAt.slice(11, 23)}+${responseTimeMs}ms`;
  });
  const received = ledger.requests.filter(({ deliveryId }) => deliveryId === id);
  const heard = received.map(({ attemptNumber, statusCode, span }) => {
    return `#${attemptNumber} ${statusCode} at ${new Date(span.askedAt).toISOString().slice(11, 23)}`;
  });
  return (
    `${id} to ${ledger.endpoints.get(endpoint.id)?.name ?? endpoint.id}, ${status} after ${attemptCount} attempts: ` +
    `${made.join(', ') || 'none'}; received: ${heard.join(', ') || 'none'}`
  );
}

/** When an attempt was over, in milliseconds since 1970. */
export function finishOf({ startedAt, responseTimeMs }: DeliverySeen['attempts'][number]): number {
  return Date.parse(startedAt) + responseTimeMs;
}

/** An attempt is under way from the moment that it is signed until it is on record: so long before and after its request. */
const SIGNED_BEFORE_MS = 500;
const RECORDED_AFTER_MS = 3_000;

const disturbed = new WeakMap<Facts, Set<string>>();

/**
 * Whether an attempt of the delivery was under way in a disruption. What came of it may not be on record then, and it may
 * have been made again.
 */
export function isDisturbed(facts: Facts, deliveryId: string): boolean {
  const known = disturbed.get(facts) ?? findDisturbed(facts);
  disturbed.set(facts, known);
  return known.has(deliveryId);
}

function findDisturbed({ ledger, seen }: Facts): Set<string> {
  const found = new Set<string>();
  if (ledger.disruptions.length === 0) return found;
  for (const { deliveryId, span } of ledger.requests) {
    if (disruptionsDuring(ledger, span).length > 0) found.add(deliveryId);
  }
  for (const { id, attempts } of seen.deliveries) {
    const spans = attempts.map((attempt) => ({
      askedAt: Date.parse(attempt.startedAt),
      answeredAt: finishOf(attempt),
    }));
    if (spans.some((span) => disruptionsDuring(ledger, span).length > 0)) found.add(id);
  }
  return found;
}

/** Why an attempt was made again whose request was sent and answered in this span; undefined when there was no reason to. */
export function takeoverDuring(ledger: Ledger, span: Span): Disruption | undefined {
  return disruptionsDuring(ledger, span).findLast(({ isTakenOver }) => isTakenOver);
}

/** What disturbed an attempt whose request was sent and answered in this span. */
function disruptionsDuring({ disruptions }: Ledger, { askedAt, answeredAt }: Span): Disruption[] {
  const span = { askedAt: askedAt - SIGNED_BEFORE_MS, answeredAt: answeredAt + RECORDED_AFTER_MS };
  return disruptions.filter((disruption) => overlap(disruption, span));
}
