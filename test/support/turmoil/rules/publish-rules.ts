import { deliveriesOwed, type EndpointHistory, type Publish, type PublishResult, type Span } from '../ledger.js';
import type { EventSeen } from '../read-back.js';
import { isPublished } from './notification-rules.js';
import type { Facts, Rules } from './rule.js';

/** What holds of events, and of how they become deliveries. */
export const PUBLISH_RULES: Rules = {
  *'An acknowledged event is stored once'(facts) {
    const stored = storedByMarker(facts);
    for (const [marker, publishes] of publishesByMarker(facts)) {
      const ids = new Set(publishes.flatMap(({ result }) => (isAnswered(result) ? [result.eventId] : [])));
      const count = stored.get(marker)?.length ?? 0;
      const isKnown = publishes.every(({ result }) => result !== 'unknown');
      if (ids.size > 1) yield `${[...ids].join(' and ')} were both said to be event ${marker}`;
      if (count > 1) yield `event ${marker} is stored ${count} times`;
      if (ids.size === 1 && count === 0) yield `${[...ids][0]} (event ${marker}) is not stored`;
      if (ids.size === 1 && count === 1 && stored.get(marker)![0]!.id !== [...ids][0]) {
        yield `event ${marker} is stored as ${stored.get(marker)![0]!.id}, and was said to be ${[...ids][0]}`;
      }
      if (ids.size === 0 && isKnown && count > 0) yield `event ${marker} is stored although it was refused`;
    }
  },

  *'What one call publishes is stored whole, or not at all'(facts) {
    const stored = storedByMarker(facts);
    const published = publishesByMarker(facts);
    for (const [call, publishes] of Map.groupBy(facts.ledger.publishes, ({ call }) => call)) {
      // What another call published as well may be there because of that.
      const own = publishes.filter(({ marker }) => published.get(marker)!.length === 1);
      const count = own.filter(({ marker }) => stored.has(marker)).length;
      if (count > 0 && count < own.length) yield `of call ${call}, ${count} of ${own.length} events are stored`;
    }
  },

  *'The first publish with a key is the event, every other a duplicate'(facts) {
    for (const [marker, publishes] of publishesByMarker(facts)) {
      const answers = publishes.map(({ result }) => result).filter(isAnswered);
      const firsts = answers.filter(({ duplicate }) => !duplicate).length;
      const isKnown = publishes.every(({ result }) => result !== 'unknown');
      if (firsts > 1 || (firsts === 0 && answers.length > 0 && isKnown)) {
        yield `of ${answers.length} answers for event ${marker}, ${firsts} say that it is no duplicate`;
      }
    }
  },

  *'A key stands for one event, and only another event is refused'({ ledger }) {
    const byKey = Map.groupBy(
      ledger.publishes.filter(({ key }) => key !== null),
      ({ key }) => key,
    );
    const ambiguous = new Set<string | null>();
    for (const [key, publishes] of byKey) {
      const accepted = new Set(publishes.filter(({ result }) => isAnswered(result)).map(({ marker }) => marker));
      if (accepted.size > 1) yield `${key} was accepted for the events ${[...accepted].join(' and ')}`;
      if (new Set(publishes.map(({ marker }) => marker)).size > 1) ambiguous.add(key);
    }
    const refused = ledger.publishes.filter(({ result }) => result === 'refused');
    for (const [call, publishes] of Map.groupBy(refused, ({ call }) => call)) {
      if (!publishes.some(({ key }) => ambiguous.has(key)))
        yield `call ${call} was refused, and no key of it conflicts`;
    }
  },

  *'An event has one delivery for every endpoint that was subscribed, and for no other'(facts) {
    const { ledger, seen } = facts;
    const published = publishesByMarker(facts);
    const deliveries = Map.groupBy(seen.deliveries, ({ event, endpoint }) => `${event.id} ${endpoint.id}`);
    const living = ledger.livingEndpoints();
    for (const event of seen.events.filter(isPublished)) {
      const publishes = published.get(markerOf(event));
      if (!publishes) {
        yield `${event.id} was published by nobody`;
        continue;
      }
      for (const endpoint of living) {
        const count = deliveries.get(`${event.id} ${endpoint.id}`)?.length ?? 0;
        const { least, most } = deliveriesOwed(endpoint, event.type, momentOf(publishes));
        if (count < least || count > most) {
          yield `${event.id} has ${count} deliveries to ${endpoint.name}, instead of ${rangeOf(least, most)}`;
        }
      }
    }
  },

  *'A publish says how many endpoints it goes to'({ ledger }) {
    const endpoints = [...ledger.endpoints.values()];
    for (const { type, marker, span, result } of ledger.publishes) {
      if (!isAnswered(result) || result.duplicate) continue;
      const owed = endpoints.map((endpoint) => deliveriesOwed(endpoint, type, span));
      const least = owed.reduce((sum, one) => sum + one.least, 0);
      const most = owed.reduce((sum, one) => sum + one.most, 0);
      if (result.deliveryCount < least || result.deliveryCount > most) {
        yield `event ${marker} said ${result.deliveryCount}, instead of ${rangeOf(least, most)}`;
      }
    }
  },

  *'Every delivery is of an event and an endpoint that exist'({ ledger, seen }) {
    const events = new Set(seen.events.map(({ id }) => id));
    for (const { id, event, endpoint } of seen.deliveries) {
      if (!events.has(event.id)) yield `${id} is of ${event.id}, which is not stored`;
      const history: EndpointHistory | undefined = ledger.endpoints.get(endpoint.id);
      if (!history) yield `${id} goes to ${endpoint.id}, which nobody created`;
    }
  },
};

function isAnswered(result: Publish['result']): result is PublishResult {
  return typeof result === 'object';
}

function publishesByMarker({ ledger }: Facts): Map<number, Publish[]> {
  return Map.groupBy(ledger.publishes, ({ marker }) => marker);
}

function storedByMarker({ seen }: Facts): Map<number, EventSeen[]> {
  return Map.groupBy(seen.events.filter(isPublished), markerOf);
}

function markerOf({ body }: EventSeen): number {
  return JSON.parse(body).data.marker;
}

/** When an event was published: during the call that brought it, if that is known, else during any. */
function momentOf(publishes: readonly Publish[]): Span {
  const first = publishes.filter(({ result }) => isAnswered(result) && !result.duplicate);
  const spans = (first.length > 0 ? first : publishes).map(({ span }) => span);
  return {
    askedAt: Math.min(...spans.map(({ askedAt }) => askedAt)),
    answeredAt: Math.max(...spans.map(({ answeredAt }) => answeredAt)),
  };
}

function rangeOf(least: number, most: number): string {
  return least === most ? String(least) : `${least} to ${most}`;
}
