import { beginFeedAnew } from './changes.js';
import type { Clock } from './clock.js';
import { Database, MAY_IDLE, SCHEMA } from './database.js';
import { awaitTurn, Chore } from './locks.js';
import { createPartitions } from './partitions.js';
import { Queue } from './queue.js';
import { refuseOldServer } from './server-version.js';

/**
 * Brings a database up to date: tables, the days ahead, and the queue. Safe when several processes start at once: the
 * others wait and then find nothing to do.
 *
 * @throws {OldServerError} when the server is too old; nothing is changed then.
 */
export async function migrate({ url, name, clock }: { url: string; name: string; clock: Clock }): Promise<void> {
  const database = await Database.open({ url, name, poolSize: 2, isPatient: true });
  try {
    await refuseOldServer(database);
    await database.transaction(async (lock) => {
      await lock.query(MAY_IDLE);
      await awaitTurn(lock, Chore.Migrate);
      await database.query(`create schema if not exists ${SCHEMA}`);
      await database.dataSource.runMigrations({ transaction: 'each' });
      await beginFeedAnew(database);
      await createPartitions(database, clock.now());
      await Queue.install({ url, name });
    });
  } finally {
    await database.close();
  }
}
