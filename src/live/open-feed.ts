import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { Database, type DatabaseOptions, HOT_SETTINGS } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { ChangeFeed } from './change-feed.js';
import { CursorCodec } from './cursor.js';
import { readFeedIds } from './read-changes.js';

export interface OpenFeedOptions extends Pick<DatabaseOptions, 'url' | 'name' | 'entities' | 'onConnectionLost'> {
  doorbell: Doorbell;
  log: Log;
  metrics: Metrics;
}

/** What subscriptions are told from. */
export interface Live {
  feed: ChangeFeed;
  cursors: CursorCodec;
}

/** Opens the feed of changes with connections of its own. Closes with `opened`. */
export async function openFeed(
  { doorbell, log, name, ...shared }: OpenFeedOptions,
  opened: AsyncDisposableStack,
): Promise<Live> {
  // In the order of the index, however much there is to read.
  const settings = { ...HOT_SETTINGS, enable_bitmapscan: 'off' };
  const open = async (pool: { name: string; poolSize: number }) => {
    const database = await Database.open({ ...shared, ...pool, settings });
    opened.defer(() => database.close());
    return database;
  };
  const database = await open({ name, poolSize: 1 });
  const pastDatabase = await open({ name: `${name} past`, poolSize: 3 });
  const cursors = new CursorCodec(await readFeedIds(database), () => readFeedIds(pastDatabase));
  const feed = new ChangeFeed({ database, pastDatabase, doorbell, log });
  opened.defer(() => feed.close());
  return { feed, cursors };
}
