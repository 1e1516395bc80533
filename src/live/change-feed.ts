import type { Delivery } from '../deliveries/delivery.js';
import { readDeliveries } from '../deliveries/read-deliveries.js';
import type { Log } from '../log.js';
import type { Database } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { type Change, readChanges, readSnapshot } from './read-changes.js';
import type { Snapshot } from './snapshot.js';

/** What became visible of one account between two moments, and the deliveries among it as they are now. */
export interface News {
  changes: readonly Change[];
  /** By id: those that a listener wanted, and that anybody may see. */
  deliveries: ReadonlyMap<string, Delivery>;
  since: Snapshot;
  to: Snapshot;
  /** Whether something between the two may be missing. */
  isLost: boolean;
}

/** A subscription, as the feed sees it. */
export interface Listener {
  readonly accountId: string;
  /** Whether it wants to see the delivery that changed. */
  wants(change: Change): boolean;
  /** Told of every stretch of the feed, also of one without anything for it. Must not take long, and not throw. */
  hear(news: News): void;
}

export interface ChangeFeedOptions {
  /** A pool whose plans do not depend on statistics. */
  database: Database;
  doorbell: Doorbell;
  log: Log;
}

/** How often the feed is looked at when nothing rings. */
const LOOK_EVERY_MS = 1_000;

/** Rings that come within this time are answered with one look. */
const GATHER_MS = 15;

const CHANGES_AT_ONCE = 1_000;

/**
 * What changes in the database, told to all subscriptions of this process. It is read once for all of them, and rows
 * are read once for all who want them; every read is done in turn, so that nobody is told of older rows after newer
 * ones. While nobody listens nothing is read.
 */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #listeners = new Set<Listener>();
  readonly #silence: () => void;
  readonly #timer: NodeJS.Timeout;
  #position: Snapshot | undefined;
  #lastTurn: Promise<unknown> = Promise.resolve();
  #isLooking = false;
  #isRung = false;
  #isClosed = false;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.#silence = options.doorbell.on('changed', () => void this.#look());
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
  }

  /** How many subscriptions are being told. */
  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Tells `listener` of everything from now on. Answers the moment of now. */
  join(listener: Listener): Promise<Snapshot> {
    return this.inTurn(async () => {
      if (this.#position === undefined || this.#listeners.size === 0) {
        this.#position = await readSnapshot(this.#options.database);
      }
      this.#listeners.add(listener);
      return this.#position;
    });
  }

  /**
   * Tells `listener` of what changed since an earlier moment, a stretch at a time. Answers where to go on; or nothing
   * when that was all, and the feed tells it of everything from there on.
   */
  catchUp(listener: Listener, since: Snapshot): Promise<Snapshot | null> {
    return this.inTurn(async () => {
      const { to, isLast } = await this.#tell(since, [listener]);
      if (!isLast) return to;
      // The others are further back, if anything: what they have yet to hear, this one hears again.
      if (this.#position === undefined || this.#listeners.size === 0) this.#position = to;
      this.#listeners.add(listener);
      return null;
    });
  }

  leave(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** Reads in turn with everything else that is read for listeners. */
  inTurn<Result>(read: () => Promise<Result>): Promise<Result> {
    const turn = this.#lastTurn.then(read);
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#silence();
    clearInterval(this.#timer);
    await this.#lastTurn;
  }

  async #look(): Promise<void> {
    this.#isRung = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#isRung && this.#listeners.size > 0 && !this.#isClosed) {
        this.#isRung = false;
        const { isLast } = await this.inTurn(async () => {
          const news = await this.#tell(this.#position!, [...this.#listeners]);
          this.#position = news.to;
          return news;
        });
        this.#isRung ||= !isLast;
        if (isLast) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      }
    } catch (error) {
      this.#options.log.error({ err: error }, 'changes not read; trying again');
    } finally {
      this.#isLooking = false;
    }
  }

  /** Reads a stretch and tells the listeners of it. */
  async #tell(since: Snapshot, listeners: readonly Listener[]): Promise<{ to: Snapshot; isLast: boolean }> {
    const { database } = this.#options;
    const byAccount = Map.groupBy(listeners, ({ accountId }) => accountId);
    const { changes, to, isLast, isLost } = await readChanges(database, since, [...byAccount.keys()], CHANGES_AT_ONCE);
    const changesOf = Map.groupBy(changes, ({ accountId }) => accountId);
    for (const [accountId, audience] of byAccount) {
      const own = changesOf.get(accountId) ?? [];
      const wanted = own.filter((change) => change.subject === 'delivery' && audience.some((one) => one.wants(change)));
      const ids = [...new Set(wanted.map(({ id }) => id))];
      const rows = ids.length > 0 ? await readDeliveries(database, accountId, ids) : [];
      const deliveries = new Map(rows.map((row) => [row.id, row]));
      for (const listener of audience) listener.hear({ changes: own, deliveries, since, to, isLost });
    }
    return { to, isLast };
  }
}
