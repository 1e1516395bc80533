import type { DeliverySeen } from '../read-back.js';
import { type Facts, liveDeliveries, type Rules } from './rule.js';

/** What holds of endpoints, their numbers, and bulk retries. */
export const ENDPOINT_RULES: Rules = {
  *'Endpoints are listed until they are deleted'({ ledger, seen }) {
    const listed = seen.endpoints.map(({ id }) => id);
    const living = ledger.livingEndpoints();
    for (const { id, name } of living) if (!listed.includes(id)) yield `${name} is missing`;
    for (const id of listed) if (!living.some((one) => one.id === id)) yield `${id} should not be there`;
  },

  *'A deleted endpoint and its deliveries are gone at once, and for good'({ ledger, seen }) {
    for (const { id, name, deleted, shownAfterDeletion } of ledger.endpoints.values()) {
      for (const shown of shownAfterDeletion) yield `${shown} of ${name} was still there`;
      const later = seen.deliveries.find(({ endpoint }) => deleted && endpoint.id === id);
      if (later) yield `${later.id} of ${name} is there again`;
    }
  },

  *'Nothing is counted as held once nothing is'({ ledger, seen }) {
    for (const { id, heldCount } of seen.endpoints) {
      if (heldCount !== 0) yield `${ledger.endpoints.get(id)?.name ?? id} has ${heldCount}`;
    }
  },

  *'Statistics count every finished delivery once, test events left out'(facts) {
    for (const { id, stats } of facts.seen.endpoints) {
      const deliveries = deliveriesTo(facts, id);
      const succeeded = deliveries.filter(({ status }) => status === 'SUCCEEDED').length;
      const failed = deliveries.filter(({ status }) => status === 'FAILED').length;
      if (stats.succeeded !== succeeded || stats.failed !== failed) {
        yield `${facts.ledger.endpoints.get(id)?.name ?? id} has ${succeeded} SUCCEEDED and ${failed} FAILED, ` +
          `and counts ${stats.succeeded} and ${stats.failed}`;
      }
    }
  },

  *'The average response time is that of all attempts with a response, test events left out'(facts) {
    for (const { id, stats } of facts.seen.endpoints) {
      const times = deliveriesTo(facts, id)
        .flatMap(({ attempts }) => attempts)
        .filter(({ responseStatusCode }) => responseStatusCode !== null)
        .map(({ responseTimeMs }) => responseTimeMs);
      const average = times.length > 0 ? times.reduce((sum, ms) => sum + ms, 0) / times.length : null;
      if (Math.abs((stats.averageResponseTimeMs ?? 0) - (average ?? 0)) > 0.01) {
        yield `${facts.ledger.endpoints.get(id)?.name ?? id}: ${stats.averageResponseTimeMs}, instead of ${average}`;
      }
    }
  },

  *'The last delivery is that of the latest attempt, test events left out'(facts) {
    for (const { id, lastDeliveryAt } of facts.seen.endpoints) {
      const starts = deliveriesTo(facts, id).flatMap(({ attempts }) => attempts.map(({ startedAt }) => startedAt));
      const latest = starts.sort().at(-1) ?? null;
      if (lastDeliveryAt !== latest) {
        yield `${facts.ledger.endpoints.get(id)?.name ?? id}: ${lastDeliveryAt}, instead of ${latest}`;
      }
    }
  },

  *'Bulk retries come to an end, and a completed one has dealt with all that matched'({ ledger, seen }) {
    const known = ledger.bulkRetryIds.filter((id) => id !== null);
    if (seen.bulkRetries.length !== known.length) yield `${seen.bulkRetries.length} of ${known.length} are there`;
    for (const { id, status, queued, total } of seen.bulkRetries) {
      const isRight = status === 'CANCELED' ? queued <= total : status === 'COMPLETED' && queued === total;
      if (!isRight) yield `${id} is ${status} with ${queued} of ${total}`;
    }
  },
};

function deliveriesTo(facts: Facts, endpointId: string): DeliverySeen[] {
  return [...liveDeliveries(facts)]
    .map(({ delivery }) => delivery)
    .filter(({ endpoint }) => endpoint.id === endpointId);
}
