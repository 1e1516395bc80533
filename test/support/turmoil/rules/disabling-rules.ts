import { isSurelyDisabled } from '../ledger.js';
import { isDisturbed, liveDeliveries, type Rules, storyOf } from './rule.js';

/** After `disableEndpoint` has answered, attempts may start for a second, and for as long as a slow machine dawdles. */
const GRACE_MS = 1_000 + 500;

/** What holds of disabling, enabling and retrying by hand. */
export const DISABLING_RULES: Rules = {
  *'No attempt starts later than a second after the endpoint was disabled'(facts) {
    for (const { delivery, history } of liveDeliveries(facts)) {
      for (const { number, startedAt } of delivery.attempts) {
        const at = Date.parse(startedAt);
        if (!isSurelyDisabled(history, { askedAt: at, answeredAt: at }, GRACE_MS)) continue;
        const disabledAt = Math.max(...history.disables.map(({ answeredAt }) => answeredAt).filter((one) => one < at));
        yield `#${number} started ${at - disabledAt} ms after it: ${storyOf(delivery, facts)}`;
      }
    }
  },

  *'A manual retry is refused for a reason that holds'({ ledger, seen }) {
    const deliveries = new Map(seen.deliveries.map((delivery) => [delivery.id, delivery]));
    for (const { deliveryId, endpointId, span, result } of ledger.retries) {
      const { deleted, name } = ledger.endpoints.get(endpointId)!;
      const isTest = deliveries.get(deliveryId)?.event.livemode === false;
      const isRight =
        result === 'NOT_FOUND'
          ? deleted && deleted.askedAt <= span.answeredAt
          : result === 'NOT_RETRYABLE'
            ? isTest || deleted
            : ['accepted', 'unknown', 'ENDPOINT_DISABLED'].includes(result);
      if (!isRight) yield `${deliveryId} to ${name}: ${result}`;
    }
  },

  *'A manual retry is refused while the endpoint is disabled, or deleted, and for test events'({ ledger, seen }) {
    const deliveries = new Map(seen.deliveries.map((delivery) => [delivery.id, delivery]));
    for (const { deliveryId, endpointId, span, result } of ledger.retries) {
      if (result !== 'accepted') continue;
      const history = ledger.endpoints.get(endpointId)!;
      const { deleted, name } = history;
      if (isSurelyDisabled(history, span)) yield `${deliveryId} to ${name}, which was disabled`;
      if (deleted && deleted.answeredAt < span.askedAt) yield `${deliveryId} to ${name}, which was deleted`;
      if (deliveries.get(deliveryId)?.event.livemode === false) yield `${deliveryId} to ${name}, a test`;
    }
  },

  *'An accepted manual retry brings an attempt, unless the endpoint is disabled meanwhile'(facts) {
    const { ledger, seen } = facts;
    const deliveries = new Map(seen.deliveries.map((delivery) => [delivery.id, delivery]));
    const gone = new Set(ledger.requests.filter(({ statusCode }) => statusCode === 410).map(({ name }) => name));
    for (const { deliveryId, endpointId, span, result, attemptCount } of ledger.retries) {
      const { disables, name } = ledger.endpoints.get(endpointId)!;
      const delivery = deliveries.get(deliveryId);
      if (result !== 'accepted' || !delivery || disables.length > 0 || gone.has(name)) continue;
      if (delivery.attemptCount <= attemptCount) {
        yield `after #${attemptCount}, at ${new Date(span.askedAt).toISOString()}: ${storyOf(delivery, facts)}`;
      }
    }
  },

  *'Nothing is retried by hand more often than it was asked for'(facts) {
    const { retries, bulkRetryIds } = facts.ledger;
    const asked = Map.groupBy(
      retries.filter(({ result }) => result === 'accepted' || result === 'unknown'),
      ({ deliveryId }) => deliveryId,
    );
    for (const { delivery } of liveDeliveries(facts)) {
      const made = delivery.attempts.filter(({ trigger }) => trigger === 'MANUAL').length;
      const most = (asked.get(delivery.id)?.length ?? 0) + bulkRetryIds.length;
      if (!isDisturbed(facts, delivery.id) && made > most)
        yield `${made} of at most ${most}: ${storyOf(delivery, facts)}`;
    }
  },
};
