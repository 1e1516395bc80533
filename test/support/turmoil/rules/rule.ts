import type { EndpointHistory, Ledger } from '../ledger.js';
import type { DeliverySeen, Seen } from '../read-back.js';

/** What was asked for and received, and what the service has on record once nothing moves any more. */
export interface Facts {
  readonly ledger: Ledger;
  readonly seen: Seen;
  /** Whether a process ended or was cut off in the middle of an attempt, so that one may have been made again. */
  readonly mayRepeat: boolean;
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
  const heard = received.map(({ attemptNumber, statusCode }) => `#${attemptNumber} ${statusCode}`);
  return (
    `${id} to ${ledger.endpoints.get(endpoint.id)?.name ?? endpoint.id}, ${status} after ${attemptCount} attempts: ` +
    `${made.join(', ') || 'none'}; received: ${heard.join(', ') || 'none'}`
  );
}

/** When an attempt was over, in milliseconds since 1970. */
export function finishOf({ startedAt, responseTimeMs }: DeliverySeen['attempts'][number]): number {
  return Date.parse(startedAt) + responseTimeMs;
}
