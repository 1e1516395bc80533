import type { Delivery } from '../deliveries/delivery.js';
import { readDeliveries } from '../deliveries/read-deliveries.js';
import type { WebhookEvent } from '../events/event.js';
import { readEvents } from '../events/list-events.js';
import type { Log } from '../log.js';
import type { Subject } from '../storage/changes.js';
import { type Database, isTransient, type Transaction } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { type Change, digestChanges, readChanges, readSnapshot, readStretch } from './read-changes.js';
import type { Snapshot } from './snapshot.js';
import type { Entry } from './update-queue.js';

/** Rows as they are now, by id: those that a listener wanted, and that anybody may see. */
interface Rows {
  deliveries: ReadonlyMap<string, Entry<Delivery>>;
  events: ReadonlyMap<string, Entry<WebhookEvent>>;
}

const NO_ROWS: Rows = { deliveries: new Map(), events: new Map() };

type ReadAll<Value> = (tx: Transaction, accountId: string, ids: readonly string[]) => Promise<Value[]>;

/** What became visible of one account between two moments. */
export interface News extends Rows {
  changes: readonly Change[];
  since: Snapshot;
  to: Snapshot;
  /** Whether it says of each endpoint and bulk retry only that something changed, because too much did. */
  isDigest: boolean;
  /** Whether something between the two may be missing. */
  isLost: boolean;
}

/** A subscription, as the feed sees it. */
export interface Listener {
  readonly accountId: string;
  /** Whether it wants to see the row of a delivery or an event. */
  wants(change: Change): boolean;
  /** Told of every stretch of the feed, also of one without anything for it. Must not take long, and not throw. */
  hear(news: News): void;
}

export interface ChangeFeedOptions {
  /** A pool whose plans do not depend on statistics. */
  database: Database;
  /** Another for those who catch up: however many they are, what is new does not wait for them. */
  pastDatabase: Database;
  doorbell: Doorbell;
  log: Log;
}

/** How often the feed is looked at when nothing rings. */
const LOOK_EVERY_MS = 1_000;

/** Rings that come within this time are answered with one look. */
const GATHER_MS = 15;

/** If an account has more changes than this at once, its listeners read them by themselves, each at its own pace. */
const MAX_AT_ONCE = 2_000;

/** Whoever catches up reads so many changes at a time. */
const STRETCH = 1_000;

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
  /** When it last looked and found out everything, in `performance.now()`. */
  #toldAtMs = 0;
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

  /** How old what subscriptions know is: about a second at rest. 0 while there are none. */
  get lagMs(): number {
    return this.#listeners.size === 0 ? 0 : performance.now() - this.#toldAtMs;
  }

  /** Tells `listener` of everything from now on. Answers the moment of now. */
  join(listener: Listener): Promise<Snapshot> {
    return this.inTurn(async () => {
      if (this.#position === undefined || this.#listeners.size === 0) {
        this.#toldAtMs = performance.now();
        this.#position = await readSnapshot(this.#options.database);
      }
      this.#listeners.add(listener);
      return this.#position;
    });
  }

  /** What changed for somebody who does not listen yet, a stretch at a time, and whether that is all for the moment. */
  async read(listener: Listener, since: Snapshot): Promise<News & { isLast: boolean }> {
    return this.#readFor(this.#options.pastDatabase, listener, since);
  }

  /**
   * Tells `listener` what changed since a moment, and of everything from there on. Answers false, and tells nothing,
   * when that is more than a stretch.
   */
  joinFrom(listener: Listener, since: Snapshot): Promise<boolean> {
    return this.inTurn(async () => {
      const news = await this.#readFor(this.#options.database, listener, since);
      if (!news.isLast) return false;
      // The others are further back, if anything: what they have yet to hear, this one hears again.
      if (this.#position === undefined || this.#listeners.size === 0) {
        this.#toldAtMs = performance.now();
        this.#position = news.to;
      }
      this.#listeners.add(listener);
      listener.hear(news);
      return true;
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
        await this.inTurn(() => this.#tellAll());
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      }
    } catch (error) {
      this.#options.log.error({ err: error }, 'changes not read; trying again');
    } finally {
      this.#isLooking = false;
    }
  }

  /** Rows are as they were when the changes were read: what changes meanwhile is told next time, and only then. */
  async #tellAll(): Promise<void> {
    const atMs = performance.now();
    await this.#options.database.inOneMoment((tx) => this.#tellAllOf(tx));
    this.#toldAtMs = atMs;
  }

  async #tellAllOf(tx: Transaction): Promise<void> {
    const { log } = this.#options;
    const since = this.#position!;
    const byAccount = Map.groupBy(this.#listeners, ({ accountId }) => accountId);
    const { changes, to, isLost } = await readChanges(tx, since, [...byAccount.keys()], MAX_AT_ONCE + 1);
    const changesOf = Map.groupBy(changes, ({ accountId }) => accountId);
    for (const [accountId, audience] of byAccount) {
      const own = changesOf.get(accountId) ?? [];
      const tooMany = own.length > MAX_AT_ONCE;
      try {
        const news = tooMany ? await digestChanges(tx, since, accountId) : own;
        const rows = tooMany ? NO_ROWS : await this.#readRows(tx, accountId, own, audience, since);
        for (const one of audience) one.hear({ changes: news, ...rows, since, to, isDigest: tooMany, isLost });
      } catch (error) {
        if (isTransient(error)) throw error;
        // Whatever is wrong with this account's, the others are not to miss theirs.
        log.error({ err: error, accountId }, 'changes of an account not told');
        for (const one of audience) one.hear({ changes: [], ...NO_ROWS, since, to, isDigest: true, isLost: true });
      }
    }
    this.#position = to;
  }

  #readFor(database: Database, listener: Listener, since: Snapshot): Promise<News & { isLast: boolean }> {
    return database.inOneMoment(async (tx) => {
      const stretch = await readStretch(tx, since, listener.accountId, STRETCH);
      const rows = await this.#readRows(tx, listener.accountId, stretch.changes, [listener], since);
      return { ...stretch, ...rows, since, isDigest: false };
    });
  }

  async #readRows(
    tx: Transaction,
    accountId: string,
    changes: readonly Change[],
    audience: readonly Listener[],
    since: Snapshot,
  ): Promise<Rows> {
    const idsOf = (subject: Subject) => {
      const wanted = changes.filter((one) => one.subject === subject && audience.some((who) => who.wants(one)));
      return [...new Set(wanted.map(({ id }) => id))];
    };
    const read = async <Value extends { id: string }>(ids: readonly string[], readAll: ReadAll<Value>) => {
      const rows = ids.length > 0 ? await readAll(tx, accountId, ids) : [];
      return new Map(rows.map((value) => [value.id, { value, since }]));
    };
    return {
      deliveries: await read(idsOf('delivery'), readDeliveries),
      events: await read(idsOf('event'), readEvents),
    };
  }
}
