import { createHmac } from 'node:crypto';
import { overlap, type ReceivedAttempt, type SecretInUse, type Span } from '../ledger.js';
import type { DeliverySeen } from '../read-back.js';
import { type Facts, finishOf, isDisturbed, type Rules, storyOf, takeoverDuring } from './rule.js';

/** What holds of what receivers saw. */
export const REQUEST_RULES: Rules = {
  *'Every request is on record, with its answer'(facts) {
    const deliveries = new Map(facts.seen.deliveries.map((delivery) => [delivery.id, delivery]));
    for (const { deliveryId, name, attemptNumber, statusCode, span } of requestsToLiving(facts)) {
      const delivery = deliveries.get(deliveryId);
      if (!delivery) {
        yield `${deliveryId} to ${name} got #${attemptNumber}, and does not exist`;
      } else if (!isDisturbed(facts, deliveryId)) {
        const attempt = delivery.attempts[attemptNumber - 1];
        const isAsAnswered = attempt?.responseStatusCode === statusCode || (attempt && isTooLate(attempt, span));
        if (!isAsAnswered) yield `#${attemptNumber} was answered ${statusCode}: ${storyOf(delivery, facts)}`;
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

  *'No attempt is sent twice, unless its dispatcher was lost before it was on record'(facts) {
    const deliveries = new Map(facts.seen.deliveries.map((delivery) => [delivery.id, delivery]));
    const byAttempt = Map.groupBy(facts.ledger.requests, (one) => `${one.deliveryId} #${one.attemptNumber}`);
    for (const [attempt, requests] of byAttempt) {
      const delivery = deliveries.get(requests[0]!.deliveryId);
      const unexplained = requests.slice(0, -1).filter(({ span }) => !takeoverDuring(facts.ledger, span));
      if (unexplained.length > 0)
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
      const possible = secretsAt(byName.get(request.name)?.secrets ?? [], Number(request.timestamp) * 1_000);
      if (!possible.some((secrets) => isSignedBy(request, secrets))) {
        yield `${request.deliveryId} #${request.attemptNumber} to ${request.name}`;
      }
    }
  },

  *'A request goes to the endpoint of its delivery'(facts) {
    const deliveries = new Map(facts.seen.deliveries.map((delivery) => [delivery.id, delivery]));
    for (const { deliveryId, name } of facts.ledger.requests) {
      const delivery = deliveries.get(deliveryId);
      const owner = delivery && facts.ledger.endpoints.get(delivery.endpoint.id);
      if (owner && owner.name !== name) yield `${deliveryId} to ${owner.name} went to ${name}`;
    }
  },
};

/** Two processes may see the end of a time-out so far apart, in milliseconds. */
const LATE_SLACK_MS = 100;

/** The time-out of the plays with faults: a process that ends it so much later had no time for anything else either. */
const TIMEOUT_MS = 2_000;
const STARVED_MS = 250;

/** A secret is read from the database up to so long before the request is signed; and it is dated in whole seconds. */
const READ_BEFORE_MS = 2_000;
const DATED_WITHIN_MS = 1_000;

/** The secrets that an endpoint may have signed with at a time: for each that may have been current, with its elders. */
function secretsAt(secrets: readonly SecretInUse[], at: number): { current: string; previous: string | null }[] {
  const span = { askedAt: at - READ_BEFORE_MS, answeredAt: at + DATED_WITHIN_MS };
  return secrets.flatMap(({ secret, span: since, overlapHours }, index) => {
    const next = secrets[index + 1];
    const isPossible = overlap({ askedAt: since.askedAt, answeredAt: next?.span.answeredAt ?? Infinity }, span);
    const previous = overlapHours > 0 ? (secrets[index - 1]?.secret ?? null) : null;
    return isPossible ? [{ current: secret, previous }] : [];
  });
}

function isSignedBy(
  request: ReceivedAttempt,
  { current, previous }: { current: string; previous: string | null },
): boolean {
  const expected = [current, ...(previous === null ? [] : [previous])].map((secret) => signatureOf(request, secret));
  const product = `sha256=${createHmac('sha256', current).update(request.body).digest('hex')}`;
  return request.signature === expected.join(' ') && request.productSignature === product;
}

/** What was sent to endpoints that were deleted is not on record any more. */
function requestsToLiving({ ledger }: Facts): ReceivedAttempt[] {
  const names = new Set(ledger.livingEndpoints().map(({ name }) => name));
  return ledger.requests.filter(({ name }) => names.has(name));
}

/**
 * Whether the answer came when nobody waited for it any more, or to a process that was given no time to look: its time-out
 * has then come late, too.
 */
function isTooLate(attempt: DeliverySeen['attempts'][number], { answeredAt }: Span): boolean {
  if (attempt.outcome !== 'TIMEOUT') return false;
  return answeredAt >= finishOf(attempt) - LATE_SLACK_MS || attempt.responseTimeMs > TIMEOUT_MS + STARVED_MS;
}

function countByStatus({ attempts }: DeliverySeen): Map<number, number> {
  const answered = attempts.flatMap(({ responseStatusCode }) => responseStatusCode ?? []);
  const groups = Map.groupBy(answered, (statusCode) => statusCode);
  return new Map([...groups].map(([statusCode, { length }]) => [statusCode, length]));
}

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
function signatureOf({ eventId, timestamp, body }: ReceivedAttempt, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${eventId}.${timestamp}.${body}`).digest('base64')}`;
}
