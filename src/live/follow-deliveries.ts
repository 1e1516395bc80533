import type { Delivery } from '../deliveries/delivery.js';
import { type DeliveryStatus, isFinal } from '../deliveries/delivery-status.js';
import { hasOpenDeliveries, readDeliveries, readDeliveriesOfEvent } from '../deliveries/read-deliveries.js';
import type { Database } from '../storage/database.js';
import type { ChangeFeed, News } from './change-feed.js';
import { closable } from './closable.js';
import { Follower, type Update } from './follower.js';
import type { Change } from './read-changes.js';
import type { Snapshot } from './snapshot.js';
import type { Entry, QueuedUpdate } from './update-queue.js';

/** Which deliveries to follow. What is left out matches all. */
export interface DeliveriesToFollow {
  endpointIds?: ReadonlySet<string> | null;
  eventId?: string | null;
  statuses?: ReadonlySet<DeliveryStatus> | null;
  /** The moment up to which everything is known already. */
  after?: Snapshot | null;
}

/**
 * Tells of each change of the deliveries. Those of one event are told as they stand at first, and it ends once all of
 * them are final.
 */
export function followDeliveries(
  feed: ChangeFeed,
  database: Database,
  accountId: string,
  wanted: DeliveriesToFollow,
): AsyncIterableIterator<Update<Delivery>, void> {
  const follower = new DeliveryFollower(feed, database, accountId, wanted);
  return closable(follower.run(), () => follower.close());
}

class DeliveryFollower extends Follower<Delivery> {
  /** Of the event that is followed: which version of each delivery was told last. */
  readonly #told = new Map<string, number>();
  /** Endpoints that something happened to; maybe they are deleted. */
  #changedEndpoints = new Set<string>();
  #mayBeOver = true;

  constructor(
    feed: ChangeFeed,
    private readonly database: Database,
    accountId: string,
    private readonly wanted: DeliveriesToFollow,
  ) {
    super(feed, accountId, wanted.after ?? null);
  }

  wants({ subject, endpointId, eventId }: Change): boolean {
    return subject === 'delivery' && this.#isOf(endpointId, eventId);
  }

  #isOf(endpointId: string | null, eventId: string | null): boolean {
    const { wanted } = this;
    if (wanted.eventId && wanted.eventId !== eventId) return false;
    return !wanted.endpointIds || (endpointId !== null && wanted.endpointIds.has(endpointId));
  }

  protected override rowsOf({ deliveries }: News): News['deliveries'] {
    return deliveries;
  }

  protected override takeIn({ changes, deliveries, isLost }: News): void {
    this.#mayBeOver ||= isLost;
    for (const change of changes) {
      // With an endpoint its deliveries go, too: fewer may be left to wait for, or to tell.
      if (change.subject === 'endpoint') this.#changedEndpoints.add(change.id);
      this.#mayBeOver ||= change.subject === 'endpoint';
      if (this.wants(change)) this.#offer(change.id, deliveries.get(change.id));
    }
  }

  #offer(id: string, entry: Entry<Delivery> | undefined): void {
    const { statuses } = this.wanted;
    const delivery = entry?.value;
    if (entry && (!statuses || statuses.has(entry.value.status))) this.queue.push(id, entry);
    else this.queue.drop(id);
    if (!delivery || isFinal(delivery.status)) this.#mayBeOver = true;
  }

  protected override async begun(): Promise<void> {
    if (this.wanted.eventId) await this.#offerEvent(this.wanted.eventId);
  }

  /** Offers what was not told yet of the event that is followed, as it is now. */
  async #offerEvent(eventId: string): Promise<void> {
    await this.feed.inTurn(async () => {
      for (const delivery of await readDeliveriesOfEvent(this.database, this.accountId, eventId)) {
        const { id, endpointId, version } = delivery;
        const isTold = (this.#told.get(id) ?? 0) >= version;
        if (!isTold && this.#isOf(endpointId, eventId)) {
          this.#offer(id, { value: delivery, since: this.queue.toldUpTo });
        }
      }
    });
  }

  protected override willTell({ id, version }: Delivery): void {
    if (this.wanted.eventId) this.#told.set(id, version);
  }

  /** What a slow subscriber has yet to be told of a deleted endpoint, it is not told any more. */
  protected override async takeNext(): Promise<QueuedUpdate<Delivery> | undefined> {
    if (this.#changedEndpoints.size > 0) {
      const endpointIds = this.#changedEndpoints;
      this.#changedEndpoints = new Set();
      const waiting = this.queue.idsOf(({ endpointId }) => endpointIds.has(endpointId));
      const rows = waiting.length > 0 ? await readDeliveries(this.database, this.accountId, waiting) : [];
      const existing = new Set(rows.map(({ id }) => id));
      for (const id of waiting) if (!existing.has(id)) this.queue.drop(id);
    }
    return this.queue.take();
  }

  /** Whether nothing more will happen by itself to the event that is followed. */
  protected override async isOver(): Promise<boolean> {
    const { eventId } = this.wanted;
    if (!eventId || !this.#mayBeOver) return false;
    this.#mayBeOver = false;
    if (await hasOpenDeliveries(this.database, this.accountId, eventId)) return false;
    // What ended a moment ago may not have come by the feed yet.
    await this.#offerEvent(eventId);
    return true;
  }
}
