import { BulkRetry, BulkRetryStatus } from '../deliveries/bulk-retry.js';
import { Signal } from '../signal.js';
import type { Database } from '../storage/database.js';
import type { ChangeFeed, Listener, News } from './change-feed.js';
import { closable } from './closable.js';

/** Tells of a bulk retry as it stands, then of each change, and ends when it is over. Nothing for an unknown one. */
export function followBulkRetry(
  feed: ChangeFeed,
  database: Database,
  accountId: string,
  id: string,
): AsyncIterableIterator<BulkRetry, void> {
  const follower = new BulkRetryFollower(feed, database, accountId, id);
  return closable(follower.run(), () => follower.close());
}

class BulkRetryFollower implements Listener {
  readonly #news = new Signal();
  #isClosed = false;

  constructor(
    private readonly feed: ChangeFeed,
    private readonly database: Database,
    readonly accountId: string,
    private readonly id: string,
  ) {}

  close(): void {
    this.#isClosed = true;
    this.#news.announce();
  }

  wants(): boolean {
    return false;
  }

  hear({ changes, isDigest, isLost }: News): void {
    if (isDigest || isLost || changes.some(({ id }) => id === this.id)) this.#news.announce();
  }

  async *run(): AsyncGenerator<BulkRetry, void, void> {
    try {
      await this.feed.join(this);
      while (!this.#isClosed) {
        const { accountId, id } = this;
        const bulkRetry = await this.database.manager.findOneBy(BulkRetry, { accountId, id });
        if (!bulkRetry) return;
        yield bulkRetry;
        if (bulkRetry.status !== BulkRetryStatus.RUNNING) return;
        await this.#news.wait();
      }
    } finally {
      this.feed.leave(this);
    }
  }
}
