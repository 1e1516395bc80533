import type { WebhookEndpoint } from '../endpoints/endpoint.js';
import { readEndpoints } from '../endpoints/list-endpoints.js';
import { Signal } from '../signal.js';
import type { Database } from '../storage/database.js';
import type { ChangeFeed, Listener, News } from './change-feed.js';
import { closable } from './closable.js';
import { UpdateKind } from './update-kind.js';

export interface EndpointNews {
  kind: UpdateKind;
  endpoint: WebhookEndpoint | null;
  /** Of an endpoint that is gone. */
  deletedId: string | null;
}

/** What happens to an endpoint within this time is told at once. */
const MERGE_MS = 250;

/** With so many endpoints to tell of, it is cheaper to read all of them anew. */
const MAX_BEHIND = 1_000;

/** Tells of each endpoint whose deliveries go on or which a person changes, a few times a second at most. */
export function followEndpoints(
  feed: ChangeFeed,
  database: Database,
  accountId: string,
  endpointIds: ReadonlySet<string> | null,
): AsyncIterableIterator<EndpointNews, void> {
  const follower = new EndpointFollower(feed, database, accountId, endpointIds);
  return closable(follower.run(), () => follower.close());
}

class EndpointFollower implements Listener {
  readonly #news = new Signal();
  /** By id, whether the endpoint itself changed, rather than its deliveries. */
  #changed = new Map<string, boolean>();
  #isOverrun = false;
  #isClosed = false;

  constructor(
    private readonly feed: ChangeFeed,
    private readonly database: Database,
    readonly accountId: string,
    private readonly endpointIds: ReadonlySet<string> | null,
  ) {}

  close(): void {
    this.#isClosed = true;
    this.#news.announce();
  }

  wants(): boolean {
    return false;
  }

  hear({ changes, isLost }: News): void {
    for (const { subject, endpointId } of changes) {
      if (endpointId === null || (this.endpointIds && !this.endpointIds.has(endpointId))) continue;
      this.#changed.set(endpointId, (this.#changed.get(endpointId) ?? false) || subject === 'endpoint');
    }
    this.#isOverrun ||= isLost || this.#changed.size > MAX_BEHIND;
    if (this.#isOverrun) this.#changed.clear();
    if (this.#isOverrun || this.#changed.size > 0) this.#news.announce();
  }

  async *run(): AsyncGenerator<EndpointNews, void, void> {
    try {
      await this.feed.join(this);
      yield { kind: UpdateKind.READY, endpoint: null, deletedId: null };
      while (!this.#isClosed) {
        await this.#news.wait();
        yield* this.#tell();
        await this.#pause();
      }
    } finally {
      this.feed.leave(this);
    }
  }

  async *#tell(): AsyncGenerator<EndpointNews, void, void> {
    const changed = this.#changed;
    this.#changed = new Map();
    if (this.#isOverrun) {
      this.#isOverrun = false;
      yield { kind: UpdateKind.RESYNC_REQUIRED, endpoint: null, deletedId: null };
    }
    if (changed.size === 0) return;
    const rows = await readEndpoints(this.database, this.accountId, [...changed.keys()]);
    const endpoints = new Map(rows.map((row) => [row.id, row]));
    for (const [id, isItself] of changed) {
      const endpoint = endpoints.get(id) ?? null;
      if (endpoint) yield { kind: UpdateKind.UPDATED, endpoint, deletedId: null };
      // What is left of its deliveries goes on for a while.
      else if (isItself) yield { kind: UpdateKind.DELETED, endpoint, deletedId: id };
    }
  }

  /** Lets changes gather; what comes meanwhile is told after it. */
  async #pause(): Promise<void> {
    const until = performance.now() + MERGE_MS;
    while (!this.#isClosed && performance.now() < until) await this.#news.wait(until - performance.now());
    if (this.#changed.size > 0 || this.#isOverrun) this.#news.announce();
  }
}
