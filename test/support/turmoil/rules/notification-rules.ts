import { deliveriesOwed, type EndpointHistory, type Span } from '../ledger.js';
import type { DeliverySeen, EventSeen } from '../read-back.js';
import { type Facts, isDisturbed, liveDeliveries, type Rules, storyOf } from './rule.js';

const TYPES = ['endpoint.failing', 'endpoint.recovered', 'endpoint.disabled', 'delivery.failed'];

/** What a notification says, as far as the rules look. */
interface NotificationBody {
  readonly created: string;
  /** Of an endpoint, or of a delivery that has `endpoint` and `event`. */
  readonly data: { readonly id: string; readonly endpoint?: { id: string }; readonly event?: { type: string } };
}

/** Between looking up who is subscribed and dating the notification a slow machine may dawdle. */
const DATED_WITHIN_MS = 3_000;
/** So long after its last attempt at most, a delivery that nothing disturbed is on record as FAILED. */
const RECORDED_WITHIN_MS = 10_000;

/** What holds of what the service tells of itself. */
export const NOTIFICATION_RULES: Rules = {
  *'A delivery that failed is told of once, if anybody else is subscribed, and no other is'(facts) {
    const told = new Map(Map.groupBy(notificationsOf(facts), ({ body }) => bodyOf(body).data.id));
    const types = new Map(facts.seen.events.map(({ id, type }) => [id, type]));
    for (const { delivery } of liveDeliveries(facts)) {
      const count = told.get(delivery.id)?.length ?? 0;
      const { least, most } = isNotification(types.get(delivery.event.id)!) ? NONE : owedFor(delivery, facts);
      if (count < least || count > most) yield `${count} times: ${storyOf(delivery, facts)}`;
    }
  },

  *'A notification goes to every other endpoint that was subscribed, never to its own, and to somebody'(facts) {
    const deliveries = Map.groupBy(facts.seen.deliveries, ({ event, endpoint }) => `${event.id} ${endpoint.id}`);
    const all = [...facts.ledger.endpoints.values()];
    for (const event of notificationsOf(facts)) {
      const { created, data } = bodyOf(event.body);
      const subjectId = data.endpoint?.id ?? data.id;
      const others = all.filter(({ id }) => id !== subjectId);
      const span = around(Date.parse(created), DATED_WITHIN_MS);
      if (!facts.ledger.endpoints.has(subjectId)) yield `${event.id} is about ${subjectId}, which nobody created`;
      if (!others.some((one) => deliveriesOwed(one, event.type, span).most > 0)) yield `${event.id} is for nobody`;
      for (const endpoint of facts.ledger.livingEndpoints()) {
        const count = deliveries.get(`${event.id} ${endpoint.id}`)?.length ?? 0;
        const { least, most } = endpoint.id === subjectId ? NONE : deliveriesOwed(endpoint, event.type, span);
        if (count < least || count > most) yield `${event.id}, ${event.type}, has ${count} to ${endpoint.name}`;
      }
    }
  },

  *'Nothing is told of a delivery of a notification'(facts) {
    for (const { id, body } of notificationsOf(facts)) {
      const type = bodyOf(body).data.event?.type;
      if (type !== undefined && isNotification(type)) yield `${id} tells of a ${type}`;
    }
  },
};

const NONE = { least: 0, most: 0 };

/** Whether events of this type come from the service itself. */
function isNotification(type: string): boolean {
  return TYPES.includes(type);
}

/** Whether somebody published the event, unlike tests and what the service tells of itself. */
export function isPublished({ type, livemode }: EventSeen): boolean {
  return livemode && !isNotification(type);
}

function notificationsOf({ seen }: Facts): EventSeen[] {
  return seen.events.filter(({ type, livemode }) => livemode && isNotification(type));
}

function bodyOf(body: string): NotificationBody {
  return JSON.parse(body);
}

/** How often a delivery is told of as failed, at least and at most. One that succeeded may have failed before. */
function owedFor(delivery: DeliverySeen, facts: Facts): { least: number; most: number } {
  const { status, completedAt, endpoint } = delivery;
  if (status === 'SUCCEEDED') return { least: 0, most: delivery.attemptCount > 1 ? 1 : 0 };
  if (status !== 'FAILED') return NONE;
  const failedAt = Date.parse(completedAt!);
  const span = { askedAt: failedAt - DATED_WITHIN_MS, answeredAt: failedAt + RECORDED_WITHIN_MS };
  const isHeard = (one: EndpointHistory) =>
    one.id !== endpoint.id && deliveriesOwed(one, 'delivery.failed', span).least > 0;
  const isSure = !isDisturbed(facts, delivery.id) && [...facts.ledger.endpoints.values()].some(isHeard);
  return { least: isSure ? 1 : 0, most: 1 };
}

function around(at: number, slackMs: number): Span {
  return { askedAt: at - slackMs, answeredAt: at + slackMs };
}
