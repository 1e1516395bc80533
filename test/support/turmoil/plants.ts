import { Ledger, type Publish, type PublishResult } from './ledger.js';
import type { DeliverySeen, EventSeen, Seen } from './read-back.js';
import { isPublished } from './rules/notification-rules.js';
import { type Facts, isDisturbed } from './rules/rule.js';

/** Facts that can be changed. */
interface Altered {
  ledger: Ledger;
  seen: { -readonly [Part in keyof Seen]: Seen[Part] };
}

/** A bug as it would show in the facts. Answers whether there was anything to plant it in. */
export interface Plant {
  /** The rules that may notice; one of them has to. */
  readonly rules: readonly string[];
  alter(facts: Altered, original: Facts): boolean;
}

/** By what went wrong. */
export const PLANTS: Readonly<Record<string, Plant>> = {
  'an acknowledged event is lost': {
    rules: ['An acknowledged event is stored once'],
    alter({ ledger, seen }) {
      const publish = ledger.publishes.find(isAcknowledged);
      seen.events = seen.events.filter(({ id }) => id !== publish?.result.eventId);
      return publish !== undefined;
    },
  },
  'an event is stored twice': {
    rules: ['An acknowledged event is stored once'],
    alter({ seen }) {
      const event = seen.events.find(isPublished);
      seen.events.push({ ...event!, id: 'evt_again' });
      return event !== undefined;
    },
  },
  'half of a call is stored': {
    rules: ['What one call publishes is stored whole, or not at all'],
    alter({ ledger, seen }) {
      const markers = Map.groupBy(ledger.publishes, ({ marker }) => marker);
      const calls = Map.groupBy(ledger.publishes, ({ call }) => call);
      const call = [...calls.values()].find(
        (ones) => ones.length > 1 && ones.every((one) => isAcknowledged(one) && markers.get(one.marker)!.length === 1),
      );
      if (!call) return false;
      const { eventId } = call[0]!.result as PublishResult;
      for (const one of call) ledger.publishes[ledger.publishes.indexOf(one)] = { ...one, result: 'unknown' };
      seen.events = seen.events.filter(({ id }) => id !== eventId);
      return true;
    },
  },
  'a delivery is missing': {
    rules: ['An event has one delivery for every endpoint that was subscribed, and for no other'],
    alter({ seen }) {
      // One each of twenty events: of some it cannot be known whether they were owed, as while a subscription was changing.
      const published = new Set(seen.events.filter(isPublished).map(({ id }) => id));
      const live = Map.groupBy(
        seen.deliveries.filter(({ event }) => published.has(event.id)),
        ({ event }) => event.id,
      );
      const lost = new Set([...live.values()].slice(0, 20).map(([first]) => first));
      seen.deliveries = seen.deliveries.filter((one) => !lost.has(one));
      return lost.size > 0;
    },
  },
  'an endpoint gets what it never asked for': {
    rules: ['An event has one delivery for every endpoint that was subscribed, and for no other'],
    alter({ ledger, seen }) {
      for (const { id, subscriptions } of ledger.livingEndpoints()) {
        const event = seen.events.find(
          (one) => isPublished(one) && subscriptions.every(({ eventTypes }) => !eventTypes?.includes(one.type)),
        );
        const model = seen.deliveries.find(({ event: of }) => of.livemode);
        if (subscriptions.some(({ eventTypes }) => eventTypes === null) || !event || !model) continue;
        seen.deliveries.push({ ...model, id: 'dlv_stray', event, endpoint: { id } });
        return true;
      }
      return false;
    },
  },
  'what failed is told to nobody': {
    rules: ['A delivery that failed is told of once, if anybody else is subscribed, and no other is'],
    alter({ seen }) {
      const lost = new Set(seen.events.filter(({ type }) => type === 'delivery.failed').map(({ id }) => id));
      seen.events = seen.events.filter(({ id }) => !lost.has(id));
      seen.deliveries = seen.deliveries.filter(({ event }) => !lost.has(event.id));
      return lost.size > 0;
    },
  },
  'what failed is told of twice': {
    rules: ['A delivery that failed is told of once, if anybody else is subscribed, and no other is'],
    alter({ seen }) {
      const failed = new Set(seen.deliveries.filter(({ status }) => status === 'FAILED').map(({ id }) => id));
      const told = seen.events.find(
        ({ type, body }) => type === 'delivery.failed' && failed.has(JSON.parse(body).data.id),
      );
      if (told) seen.events.push({ ...told, id: 'evt_again' });
      return told !== undefined;
    },
  },
  'an endpoint is told of itself': {
    rules: ['A notification goes to every other endpoint that was subscribed, never to its own, and to somebody'],
    alter({ ledger, seen }) {
      const living = new Set(ledger.livingEndpoints().map(({ id }) => id));
      const subjectOf = ({ body }: EventSeen): string => JSON.parse(body).data.endpoint.id;
      const told = seen.events.find((event) => event.type === 'delivery.failed' && living.has(subjectOf(event)));
      const model = seen.deliveries.find(({ event }) => event.livemode);
      if (!told || !model) return false;
      seen.deliveries.push({ ...model, id: 'dlv_stray', event: told, endpoint: { id: subjectOf(told) } });
      return true;
    },
  },
  'a delivery goes to another endpoint': {
    rules: ['A request goes to the endpoint of its delivery'],
    alter({ ledger, seen }) {
      const living = ledger.livingEndpoints();
      const index = ledger.requests.findIndex(({ deliveryId }) => seen.deliveries.some(({ id }) => id === deliveryId));
      if (index < 0) return false;
      const request = ledger.requests[index]!;
      ledger.requests[index] = { ...request, name: living.find(({ name }) => name !== request.name)!.name };
      return true;
    },
  },
  'an attempt number is left out': {
    rules: ['Attempts are numbered from 1 without a gap, and counted'],
    alter: ({ seen }) => changeDelivery(seen, hasAttempts, (one) => ({ ...one, attempts: renumber(one, 1) })),
  },
  'an attempt number comes twice': {
    rules: ['Attempts are numbered from 1 without a gap, and counted'],
    alter: ({ seen }) =>
      changeDelivery(seen, hasAttempts, (one) => ({ ...one, attempts: [one.attempts[0]!, ...one.attempts] })),
  },
  'a request is signed with a secret that nobody has': {
    rules: ["A request is signed with a secret of its endpoint's"],
    alter: ({ ledger }) => changeRequest(ledger, (one) => ({ ...one, signature: 'v1,c2lnbmVkIGJ5IG5vYm9keQ==' })),
  },
  'a request is signed with a secret that was retired long before': {
    rules: ["A request is signed with a secret of its endpoint's"],
    alter({ ledger }) {
      const [request] = ledger.requests;
      const endpoint = [...ledger.endpoints.values()].find(({ name }) => name === request?.name);
      if (!request || !endpoint) return false;
      const long = 60_000;
      const span = { askedAt: request.span.askedAt - long, answeredAt: request.span.askedAt - long };
      const { secret } = endpoint.secrets[0]!;
      endpoint.secrets.splice(0, Infinity, { secret, span, overlapHours: 0 });
      endpoint.secrets.push({ secret: 'whsec_bmV3', span: { ...span }, overlapHours: 0 });
      return true;
    },
  },
  'a repeat carries another body': {
    rules: ['A request carries the body and the id of its event'],
    alter: ({ ledger }) => changeRequest(ledger, (one) => ({ ...one, body: `${one.body} ` })),
  },
  'a repeat carries another id': {
    rules: ['A request carries the body and the id of its event'],
    alter: ({ ledger }) => changeRequest(ledger, (one) => ({ ...one, eventId: 'evt_other' })),
  },
  'an attempt is sent twice although nothing happened': {
    rules: ['No attempt is sent twice, unless its dispatcher was lost before it was on record'],
    alter({ ledger }, original) {
      const request = ledger.requests.find(({ deliveryId }) => !isDisturbed(original, deliveryId));
      if (request) ledger.requests.push({ ...request });
      return request !== undefined;
    },
  },
  'a request is not on record': {
    rules: ['Every request is on record, with its answer'],
    alter({ ledger, seen }, original) {
      const heard = new Set(ledger.requests.map(({ deliveryId, attemptNumber }) => `${deliveryId} #${attemptNumber}`));
      const isClear = ({ id, attempts }: DeliverySeen) =>
        heard.has(`${id} #${attempts.length}`) && !isDisturbed(original, id);
      const cut = (one: DeliverySeen) => ({ ...one, attempts: one.attempts.slice(0, -1) });
      return changeDelivery(seen, isClear, cut);
    },
  },
  'a success is on record that nobody received': {
    rules: ['Every attempt with a response was received'],
    alter({ ledger, seen }) {
      const index = ledger.requests.findIndex(
        ({ deliveryId, statusCode }) => statusCode !== null && seen.deliveries.some(({ id }) => id === deliveryId),
      );
      if (index >= 0) ledger.requests.splice(index, 1);
      return index >= 0;
    },
  },
  'a delivery is forgotten on its way': {
    rules: ['Every delivery ends, and nothing is due after that'],
    alter: ({ seen }) =>
      changeDelivery(seen, hasAttempts, (one) => ({ ...one, status: 'RETRYING', completedAt: null })),
  },
  'a delivery succeeds without a 2xx': {
    rules: ['A 2xx ends a delivery as SUCCEEDED, and nothing else does'],
    alter: ({ seen }) =>
      changeDelivery(
        seen,
        ({ status }) => status === 'FAILED',
        (one) => ({ ...one, status: 'SUCCEEDED' }),
      ),
  },
  'a delivery is given up too early': {
    rules: ['A delivery fails once its schedule is used up, and not before'],
    alter({ ledger, seen }) {
      const { id } = ledger.livingEndpoints().find(({ schedules }) => schedules.every(({ length }) => length > 1))!;
      return changeDelivery(
        seen,
        ({ endpoint, event }) => endpoint.id === id && event.livemode,
        (one) => ({ ...one, status: 'FAILED', attempts: [{ ...one.attempts[0]!, outcome: 'HTTP_ERROR' }] }),
      );
    },
  },
};

/** The same facts again, with a bug planted in them; null when there is nothing to plant it in. */
export function plant({ alter }: Plant, facts: Facts): Facts | null {
  const ledger = new Ledger();
  for (const [id, endpoint] of facts.ledger.endpoints) ledger.endpoints.set(id, structuredClone(endpoint));
  ledger.publishes.push(...facts.ledger.publishes);
  ledger.retries.push(...facts.ledger.retries);
  ledger.bulkRetryIds.push(...facts.ledger.bulkRetryIds);
  ledger.requests.push(...facts.ledger.requests);
  ledger.disruptions.push(...facts.ledger.disruptions);
  const { events, deliveries, endpoints, bulkRetries } = facts.seen;
  const seen = { events: [...events], deliveries: [...deliveries], endpoints, bulkRetries };
  return alter({ ledger, seen }, facts) ? { ledger, seen } : null;
}

function isAcknowledged(publish: Publish): publish is Publish & { result: PublishResult } {
  return typeof publish.result === 'object';
}

function hasAttempts({ attempts }: DeliverySeen): boolean {
  return attempts.length > 0;
}

function renumber({ attempts }: DeliverySeen, by: number): DeliverySeen['attempts'] {
  return attempts.map((attempt) => ({ ...attempt, number: attempt.number + by }));
}

function changeDelivery(
  seen: Altered['seen'],
  isSuitable: (delivery: DeliverySeen) => boolean,
  change: (delivery: DeliverySeen) => DeliverySeen,
): boolean {
  const index = seen.deliveries.findIndex(isSuitable);
  if (index >= 0) seen.deliveries[index] = change(seen.deliveries[index]!);
  return index >= 0;
}

function changeRequest(ledger: Ledger, change: (request: Ledger['requests'][number]) => Ledger['requests'][number]) {
  const [first] = ledger.requests;
  if (first) ledger.requests[0] = change(first);
  return first !== undefined;
}
