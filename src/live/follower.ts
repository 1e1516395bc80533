import { Signal } from '../signal.js';
import type { ChangeFeed, Listener, News } from './change-feed.js';
import type { Change } from './read-changes.js';
import type { Snapshot } from './snapshot.js';
import { UpdateKind } from './update-kind.js';
import { type Entry, type QueuedUpdate, UpdateQueue } from './update-queue.js';

/** What a subscriber is told. */
export interface Update<Value> {
  readonly kind: UpdateKind;
  /** Whoever goes on from here misses nothing. */
  readonly cursor: Snapshot;
  /** As it is now; null unless UPDATED. */
  readonly value: Value | null;
}

/** With so much left to tell, a subscriber hears no more until it has read that, and then catches up. */
const MAX_WAITING = 1_000;

/** What was last told of an entry. All who hear of it at the same moment get the same object: see `runSubscription`. */
const lastUpdates = new WeakMap<Entry<object>, Update<object>>();

/**
 * A subscription that can be taken up again behind any of its updates: it tells of each object that changed, as that is
 * now, and reads by itself what it was too slow to hear.
 */
export abstract class Follower<Value extends object> implements Listener {
  protected readonly queue = new UpdateQueue<Value>();
  readonly #news = new Signal();
  /** From where to catch up; null while the feed tells it all. */
  #behindSince: Snapshot | null = null;
  #isClosed = false;

  constructor(
    protected readonly feed: ChangeFeed,
    readonly accountId: string,
    /** The moment up to which everything is known already. */
    private readonly after: Snapshot | null,
  ) {}

  abstract wants(change: Change): boolean;

  /** The rows that it may have to tell of. */
  protected abstract rowsOf(news: News): ReadonlyMap<string, Entry<Value>>;

  /** Queues what there is to tell of these news. */
  protected abstract takeIn(news: News): void;

  protected async takeNext(): Promise<QueuedUpdate<Value> | undefined> {
    return this.queue.take();
  }

  /** Called once everything is told that came with the beginning. */
  protected async begun(): Promise<void> {}

  /** Called before an update is told. */
  protected willTell(_value: Value): void {}

  /** Called when everything is told that was heard. Whoever answers true has queued what is left to tell at the end. */
  protected async isOver(): Promise<boolean> {
    return false;
  }

  close(): void {
    this.#isClosed = true;
    this.#news.announce();
  }

  hear(news: News): void {
    if (news.isDigest || news.isLost || this.queue.size + this.rowsOf(news).size > MAX_WAITING) {
      this.feed.leave(this);
      this.#behindSince = news.since;
    } else {
      this.#takeIn(news);
    }
    this.#news.announce();
  }

  #takeIn(news: News): void {
    if (news.isLost) this.queue.overrun();
    this.takeIn(news);
    this.queue.advance(news.to);
  }

  async *run(): AsyncGenerator<Update<Value>, void, void> {
    try {
      yield* this.#begin();
      await this.begun();
      while (!this.#isClosed) {
        yield* this.#tell();
        if (this.#behindSince !== null) {
          yield* this.#catchUp(this.#behindSince);
          continue;
        }
        if (await this.isOver()) {
          yield* this.#tell();
          return;
        }
        await this.#news.wait();
      }
    } finally {
      this.feed.leave(this);
    }
  }

  async *#begin(): AsyncGenerator<Update<Value>, void, void> {
    const cursor = this.after ?? (await this.feed.join(this));
    this.queue.advance(cursor);
    yield { kind: UpdateKind.READY, cursor, value: null };
    if (this.after) yield* this.#catchUp(this.after);
  }

  /** Tells what changed since a moment, a stretch at a time, until the feed can go on with the rest. */
  async *#catchUp(from: Snapshot): AsyncGenerator<Update<Value>, void, void> {
    this.#behindSince = null;
    for (let since = from; !this.#isClosed; ) {
      const news = await this.feed.read(this, since);
      this.#takeIn(news);
      yield* this.#tell();
      since = news.to;
      if (news.isLast && (await this.feed.joinFrom(this, since))) return;
    }
  }

  async *#tell(): AsyncGenerator<Update<Value>, void, void> {
    for (let next = await this.takeNext(); next && !this.#isClosed; next = await this.takeNext()) {
      const { cursor } = next;
      if (next.kind === 'resync') {
        yield { kind: UpdateKind.RESYNC_REQUIRED, cursor, value: null };
      } else {
        this.willTell(next.entry.value);
        yield updateOf(next.entry, cursor);
      }
    }
  }
}

function updateOf<Value extends object>(entry: Entry<Value>, cursor: Snapshot): Update<Value> {
  const last = lastUpdates.get(entry) as Update<Value> | undefined;
  if (last?.cursor === cursor) return last;
  const update = { kind: UpdateKind.UPDATED, cursor, value: entry.value };
  lastUpdates.set(entry, update);
  return update;
}
