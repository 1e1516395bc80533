import { createHmac } from 'node:crypto';
import type { AnsweredRequest } from '../ledger.js';
import type { DeliverySeen } from '../read-back.js';
import { type Facts, type Rules, storyOf } from './rule.js';

/** What holds of what receivers saw. */
export const REQUEST_RULES: Rules = {
  *'Every request that was answered is on record, with its answer'(facts) {
    const deliveries = new Map(facts.seen.deliveries.map((delivery) => [delivery.id, delivery]));
    for (const { deliveryId, name, attemptNumber, statusCode } of requestsToLiving(facts)) {
      const delivery = deliveries.get(deliveryId);
      if (!delivery) yield `${deliveryId} to ${name} got #${attemptNumber}, and does not exist`;
      else if (!facts.mayRepeat && delivery.attempts[attemptNumber - 1]?.responseStatusCode !== statusCode) {
        yield `#${attemptNumber} was answered ${statusCode}: ${storyOf(delivery, facts)}`;
      }
    }
  },

  *'Every attempt with a response was received'(facts) {
    const requests = Map.groupBy(requestsToLiving(facts), ({ deliveryId }) => deliveryId);
    for (const delivery of facts.seen.deliveries) {
      const received = requests.get(delivery.id) ?? [];
      for (const [statusCode, count] of countByStatus(delivery)) {
        const seen = received.filter((request) => request.statusCode === statusCode).length;
        if (count > seen) yield `${count} answers ${statusCode}, ${seen} given: ${storyOf(delivery, facts)}`;
      }
    }
  },

  *'No attempt is sent twice'(facts) {
    if (facts.mayRepeat) return;
    const deliveries = new Map(facts.seen.deliveries.map((delivery) => [delivery.id, delivery]));
    const byAttempt = Map.groupBy(facts.ledger.requests, (one) => `${one.deliveryId} #${one.attemptNumber}`);
    for (const [attempt, requests] of byAttempt) {
      const delivery = deliveries.get(requests[0]!.deliveryId);
      if (requests.length > 1)
        yield `${attempt}, ${requests.length} times: ${delivery ? storyOf(delivery, facts) : 'not visible'}`;
    }
  },

  *'A request carries the body and the id of its event'({ ledger, seen }) {
    const events = new Map(seen.events.map((event) => [event.id, event]));
    for (const { deliveryId, eventId, body } of ledger.requests) {
      if (events.get(eventId)?.body !== body) yield `${deliveryId} of ${eventId}: ${body.slice(0, 200)}`;
    }
  },

  *"A request is signed with a secret of its endpoint's"({ ledger }) {
    const byName = new Map([...ledger.endpoints.values()].map((endpoint) => [endpoint.name, endpoint]));
    for (const request of ledger.requests) {
      const secrets = byName.get(request.name)?.secrets ?? [];
      if (!secrets.some((secret) => request.signature.split(' ').includes(signatureOf(request, secret)))) {
        yield `${request.deliveryId} #${request.attemptNumber} to ${request.name}`;
      }
    }
  },
};

/** What was sent to endpoints that were deleted is not on record any more. */
function requestsToLiving({ ledger }: Facts): AnsweredRequest[] {
  const names = new Set(ledger.livingEndpoints().map(({ name }) => name));
  return ledger.requests.filter(({ name }) => names.has(name));
}

function countByStatus({ attempts }: DeliverySeen): Map<number, number> {
  const answered = attempts.flatMap(({ responseStatusCode }) => responseStatusCode ?? []);
  const groups = Map.groupBy(answered, (statusCode) => statusCode);
  return new Map([...groups].map(([statusCode, { length }]) => [statusCode, length]));
}

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
function signatureOf({ eventId, timestamp, body }: AnsweredRequest, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${eventId}.${timestamp}.${body}`).digest('base64')}`;
}
