import type { WebhookEvent } from '../events/event.js';
import { patternsOf } from '../events/type-pattern.js';
import type { ChangeFeed, News } from './change-feed.js';
import { closable } from './closable.js';
import { Follower, type Update } from './follower.js';
import type { Change } from './read-changes.js';
import type { Snapshot } from './snapshot.js';

/** Which events to follow. What is left out matches all. */
export interface EventsToFollow {
  /** Names and prefixes, such as `invoice.*`. */
  types?: ReadonlySet<string> | null;
  /** The moment up to which everything is known already. */
  after?: Snapshot | null;
}

/** Tells of each event that is published, whether or not an endpoint receives it. */
export function followEvents(
  feed: ChangeFeed,
  accountId: string,
  wanted: EventsToFollow,
): AsyncIterableIterator<Update<WebhookEvent>, void> {
  const follower = new EventFollower(feed, accountId, wanted);
  return closable(follower.run(), () => follower.close());
}

class EventFollower extends Follower<WebhookEvent> {
  constructor(
    feed: ChangeFeed,
    accountId: string,
    private readonly wanted: EventsToFollow,
  ) {
    super(feed, accountId, wanted.after ?? null);
  }

  wants({ subject }: Change): boolean {
    return subject === 'event';
  }

  protected override rowsOf({ events }: News): News['events'] {
    return events;
  }

  protected override takeIn({ changes, events }: News): void {
    const { types } = this.wanted;
    for (const change of changes) {
      const entry = this.wants(change) ? events.get(change.id) : undefined;
      if (entry && (!types || patternsOf(entry.value.type).some((pattern) => types.has(pattern))))
        this.queue.push(change.id, entry);
    }
  }
}
