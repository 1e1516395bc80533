import { forgetOldBulkRetries } from '../deliveries/stored-bulk-retries.js';
import { forgetOldStats } from '../endpoints/update-stats.js';
import { forgetOldKeys } from '../events/idempotency-keys.js';
import type { Log } from '../log.js';
import { recycleChanges } from '../storage/changes.js';
import type { Clock } from '../storage/clock.js';
import { type Database, MAY_IDLE } from '../storage/database.js';
import { Chore, takeTurn } from '../storage/locks.js';
import { createPartitions, expirePartitions } from '../storage/partitions.js';
import { DAY_MS } from '../units.js';

export interface TurnOverOptions {
  database: Database;
  retentionDays: number;
  clock: Clock;
  log: Log;
}

/** What became of turning over. */
export type TurnedOver =
  | 'done'
  /** Another process is at it, or this one is stopping. */
  | 'left'
  /** Something could not be done: again later. */
  | 'failed';

/** Makes the days ahead, drops those that have expired, and forgets whatever else is too old for anybody to ask for. */
export async function turnOver(
  { database, retentionDays, clock, log }: TurnOverOptions,
  isStopping: () => boolean = () => false,
): Promise<TurnedOver> {
  const now = clock.now();
  const expiredBefore = now - retentionDays * DAY_MS;
  const chores: Record<string, () => Promise<unknown>> = {
    'make days': () => createPartitions(database, now),
    'recycle changes': () => recycleChanges(database),
    'drop expired days': async () => {
      const { dropped } = await expirePartitions(database, expiredBefore, isStopping);
      if (dropped.length > 0) log.info({ days: dropped }, 'expired days dropped');
    },
    'forget old statistics': () => forgetOldStats(database, new Date(now), isStopping),
    'forget old keys': () => forgetOldKeys(database, new Date(now), isStopping),
    'forget old bulk retries': () => forgetOldBulkRetries(database, new Date(expiredBefore)),
  };
  return database.transaction(async (lock) => {
    await lock.query(MAY_IDLE);
    if (!(await takeTurn(lock, Chore.TurnOver))) return 'left';
    let turned: TurnedOver = 'done';
    for (const [name, chore] of Object.entries(chores)) {
      if (isStopping()) return 'left';
      // One that fails is no reason to leave the others.
      await chore().catch((error) => {
        turned = 'failed';
        log.error({ err: error }, `could not ${name}; trying again later`);
      });
    }
    return turned;
  });
}
