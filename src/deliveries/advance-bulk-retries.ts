import type { Log } from '../log.js';
import { recordChange } from '../storage/changes.js';
import type { Clock } from '../storage/clock.js';
import { type Database, isUnreachable, type Statement } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { idFields } from '../storage/log-fields.js';
import type { Queue } from '../storage/queue.js';
import { BulkRetryStatus } from './bulk-retry.js';
import { findShares, lockFirstChunk, SHARES_AT_ONCE, type Share, shorten } from './bulk-retry-chunks.js';
import type { EndpointWindow } from './endpoint-window.js';
import { queueRetries } from './queue-retries.js';
import { findRoom } from './retry-room.js';

export interface AdvanceOptions {
  /** A pool whose plans do not depend on statistics. */
  database: Database;
  queue: Queue;
  window: EndpointWindow;
  doorbell: Doorbell;
  clock: Clock;
  log: Log;
}

// Every id is in one chunk, and counted as it leaves it: once all are counted, no chunk is left.
const COUNT_DEALT_WITH: Statement = {
  name: 'count_dealt_with',
  text: `
    update webhooks.bulk_retries
       set queued = queued + $3, passed_over = passed_over + $5,
           status = case when queued + $3 = total then 'COMPLETED' else status end,
           completed_at = case when queued + $3 = total then $4::timestamptz end
     where account_id = $1 and id = $2
    returning status, total`,
};

/**
 * Takes bulk retries a batch further at every endpoint that has room, the oldest bulk retry and the oldest delivery
 * first. At most about a window of jobs is queued per endpoint, and one that is slow keeps no other waiting. Any number
 * of processes may do so at once, and end at any moment: progress and jobs are one commit.
 *
 * @param isStopping asked between batches
 * @returns how many deliveries it dealt with, and whether there is anything left to do, with room or without
 */
export async function advanceBulkRetries(
  options: AdvanceOptions,
  isStopping: () => boolean,
): Promise<{ dealtWith: number; hasMore: boolean }> {
  const { database, window, clock, log } = options;
  const seen = new Set<string>();
  let dealtWith = 0;
  let shares: Share[] = [];
  do {
    shares = await findShares(database, shares.at(-1));
    const oldest = shares.filter(({ endpointId }) => !seen.has(endpointId) && seen.add(endpointId));
    const rooms = await findRoom(database, oldest, window, new Date(clock.now()));
    for (const share of oldest) {
      if (isStopping()) break;
      if (!rooms.has(share.endpointId)) continue;
      try {
        dealtWith += await advance(options, share);
      } catch (error) {
        if (isUnreachable(error)) throw error;
        log.error({ err: error, ...idFields(share) }, 'bulk retry not advanced at an endpoint; trying again');
      }
    }
  } while (shares.length === SHARES_AT_ONCE && !isStopping());
  return { dealtWith, hasMore: seen.size > 0 };
}

/** One batch of a share. Answers how many deliveries it dealt with: none when there is no room, or somebody is at it. */
async function advance(
  { database, queue, window, doorbell, clock, log }: AdvanceOptions,
  share: Share,
): Promise<number> {
  const now = new Date(clock.now());
  const { dealtWith, queued, bulkRetry } = await database.transaction(async (tx) => {
    const chunk = await lockFirstChunk(tx, share);
    // Looked at again under the lock: another process may have filled the window meanwhile.
    const endpoint = chunk && (await findRoom(tx, [share], window, now)).get(share.endpointId);
    if (!endpoint) return { dealtWith: 0, queued: 0, bulkRetry: undefined };
    const ids = chunk.deliveryIds.slice(0, endpoint.room);
    const queued = endpoint.isOn ? await queueRetries(tx, queue, share, ids, clock) : 0;
    await shorten(tx, chunk, ids.length);
    await recordChange(tx, share.accountId, 'bulk_retry', share.bulkRetryId);
    // Last, because everyone who is at the same bulk retry waits for it until the commit.
    const [bulkRetry] = await tx.query<{ status: BulkRetryStatus; total: number }>(COUNT_DEALT_WITH, [
      share.accountId,
      share.bulkRetryId,
      ids.length,
      now,
      ids.length - queued,
    ]);
    return { dealtWith: ids.length, queued, bulkRetry };
  });
  if (bulkRetry?.status === BulkRetryStatus.COMPLETED) {
    const { accountId, bulkRetryId } = share;
    log.info({ ...idFields({ accountId, bulkRetryId }), total: bulkRetry.total }, 'bulk retry completed');
  }
  if (queued > 0) doorbell.ring('due');
  if (dealtWith > 0) doorbell.ring('changed');
  return dealtWith;
}
