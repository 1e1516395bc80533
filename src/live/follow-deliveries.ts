import type { Delivery } from '../deliveries/delivery.js';
import { type DeliveryStatus, isFinal } from '../deliveries/delivery-status.js';
import { hasOpenDeliveries, readDeliveries, readDeliveriesOfEvent } from '../deliveries/read-deliveries.js';
import { Signal } from '../signal.js';
import type { Database } from '../storage/database.js';
import type { ChangeFeed, Listener, News } from './change-feed.js';
import { closable } from './closable.js';
import type { Change } from './read-changes.js';
import type { Snapshot } from './snapshot.js';
import { UpdateKind } from './update-kind.js';
import { type Entry, type QueuedUpdate, UpdateQueue } from './update-queue.js';

/** Which deliveries to follow. What is left out matches all. */
export interface DeliveriesToFollow {
  endpointIds?: ReadonlySet<string> | null;
  eventId?: string | null;
  statuses?: ReadonlySet<DeliveryStatus> | null;
  /** The moment up to which everything is known already. */
  after?: Snapshot | null;
}

export interface DeliveryNews {
  readonly kind: UpdateKind;
  readonly cursor: Snapshot;
  readonly delivery: Delivery | null;
}

/** What was last told of an entry. All who hear of it at the same moment get the same object: see `runSubscription`. */
const lastNews = new WeakMap<Entry<Delivery>, DeliveryNews>();

/** With so many deliveries left to tell, a subscriber hears no more until it has read them, and then catches up. */
const MAX_WAITING = 1_000;

/**
 * Tells of each change of the deliveries. Those of one event are told as they stand at first, and it ends once all of
 * them are final.
 */
export function followDeliveries(
  feed: ChangeFeed,
  database: Database,
  accountId: string,
  wanted: DeliveriesToFollow,
): AsyncIterableIterator<DeliveryNews, void> {
  const follower = new DeliveryFollower(feed, database, accountId, wanted);
  return closable(follower.run(), () => follower.close());
}

class DeliveryFollower implements Listener {
  readonly #news = new Signal();
  readonly #queue = new UpdateQueue<Delivery>();
  /** Of the event that is followed: which version of each delivery was told last. */
  readonly #told = new Map<string, number>();
  /** From where to catch up; null while the feed tells it all. */
  #behindSince: Snapshot | null = null;
  /** Endpoints that something happened to; maybe they are deleted. */
  #changedEndpoints = new Set<string>();
  #mayBeOver = true;
  #isClosed = false;

  constructor(
    private readonly feed: ChangeFeed,
    private readonly database: Database,
    readonly accountId: string,
    private readonly wanted: DeliveriesToFollow,
  ) {}

  close(): void {
    this.#isClosed = true;
    this.#news.announce();
  }

  wants({ endpointId, eventId }: Change): boolean {
    return this.#isOf(endpointId, eventId);
  }

  #isOf(endpointId: string | null, eventId: string | null): boolean {
    const { wanted } = this;
    if (wanted.eventId && wanted.eventId !== eventId) return false;
    return !wanted.endpointIds || (endpointId !== null && wanted.endpointIds.has(endpointId));
  }

  hear(news: News): void {
    if (news.isDigest || news.isLost || this.#queue.size + news.changes.length > MAX_WAITING) {
      this.feed.leave(this);
      this.#behindSince = news.since;
    } else {
      this.#takeIn(news);
    }
    this.#news.announce();
  }

  #takeIn({ changes, deliveries, to, isLost }: News): void {
    if (isLost) this.#queue.overrun();
    this.#mayBeOver ||= isLost;
    for (const change of changes) {
      // With an endpoint its deliveries go, too: fewer may be left to wait for, or to tell.
      if (change.subject === 'endpoint') this.#changedEndpoints.add(change.id);
      this.#mayBeOver ||= change.subject === 'endpoint';
      if (change.subject !== 'delivery') continue;
      if (this.wants(change)) this.#offer(change.id, deliveries.get(change.id));
    }
    this.#queue.advance(to);
  }

  #offer(id: string, entry: Entry<Delivery> | undefined): void {
    const { statuses } = this.wanted;
    const delivery = entry?.value;
    if (entry && (!statuses || statuses.has(entry.value.status))) this.#queue.push(id, entry);
    else this.#queue.drop(id);
    if (!delivery || isFinal(delivery.status)) this.#mayBeOver = true;
  }

  async *run(): AsyncGenerator<DeliveryNews, void, void> {
    try {
      yield* this.#begin();
      await this.#offerEvent();
      while (!this.#isClosed) {
        yield* this.#tell();
        if (this.#behindSince !== null) {
          yield* this.#catchUp(this.#behindSince);
          continue;
        }
        if (await this.#isOver()) {
          // What ended a moment ago may not have come by the feed yet.
          await this.#offerEvent();
          yield* this.#tell();
          return;
        }
        await this.#news.wait();
      }
    } finally {
      this.feed.leave(this);
    }
  }

  async *#begin(): AsyncGenerator<DeliveryNews, void, void> {
    const { after } = this.wanted;
    const cursor = after ?? (await this.feed.join(this));
    this.#queue.advance(cursor);
    yield { kind: UpdateKind.READY, cursor, delivery: null };
    if (after) yield* this.#catchUp(after);
  }

  /** Offers what was not told yet of the event that is followed, as it is now. */
  async #offerEvent(): Promise<void> {
    const { eventId } = this.wanted;
    if (!eventId) return;
    await this.feed.inTurn(async () => {
      for (const delivery of await readDeliveriesOfEvent(this.database, this.accountId, eventId)) {
        const { id, endpointId, version } = delivery;
        const isTold = (this.#told.get(id) ?? 0) >= version;
        if (!isTold && this.#isOf(endpointId, eventId))
          this.#offer(id, { value: delivery, since: this.#queue.toldUpTo });
      }
    });
  }

  /** Tells what changed since a moment, a stretch at a time, until the feed can go on with the rest. */
  async *#catchUp(from: Snapshot): AsyncGenerator<DeliveryNews, void, void> {
    this.#behindSince = null;
    for (let since = from; !this.#isClosed; ) {
      const news = await this.feed.read(this, since);
      this.#takeIn(news);
      yield* this.#tell();
      since = news.to;
      if (news.isLast && (await this.feed.joinFrom(this, since))) return;
    }
  }

  async *#tell(): AsyncGenerator<DeliveryNews, void, void> {
    for (let next = await this.#takeNext(); next && !this.#isClosed; next = await this.#takeNext()) {
      const { cursor } = next;
      if (next.kind === 'resync') {
        yield { kind: UpdateKind.RESYNC_REQUIRED, cursor, delivery: null };
      } else {
        const { id, version } = next.entry.value;
        if (this.wanted.eventId) this.#told.set(id, version);
        yield newsOf(next.entry, cursor);
      }
    }
  }

  /** What a slow subscriber has yet to be told of a deleted endpoint, it is not told any more. */
  async #takeNext(): Promise<QueuedUpdate<Delivery> | undefined> {
    if (this.#changedEndpoints.size > 0) {
      const endpointIds = this.#changedEndpoints;
      this.#changedEndpoints = new Set();
      const waiting = this.#queue.idsOf(({ endpointId }) => endpointIds.has(endpointId));
      const rows = waiting.length > 0 ? await readDeliveries(this.database, this.accountId, waiting) : [];
      const existing = new Set(rows.map(({ id }) => id));
      for (const id of waiting) if (!existing.has(id)) this.#queue.drop(id);
    }
    return this.#queue.take();
  }

  /** Whether nothing more will happen by itself to the event that is followed. */
  async #isOver(): Promise<boolean> {
    const { eventId } = this.wanted;
    if (!eventId || !this.#mayBeOver) return false;
    this.#mayBeOver = false;
    return !(await hasOpenDeliveries(this.database, this.accountId, eventId));
  }
}

function newsOf(entry: Entry<Delivery>, cursor: Snapshot): DeliveryNews {
  const last = lastNews.get(entry);
  if (last?.cursor === cursor) return last;
  const news = { kind: UpdateKind.UPDATED, cursor, delivery: entry.value };
  lastNews.set(entry, news);
  return news;
}
