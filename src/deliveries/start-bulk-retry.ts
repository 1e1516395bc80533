import type { Log } from '../log.js';
import { recordChange } from '../storage/changes.js';
import type { Clock } from '../storage/clock.js';
import type { Database, Transaction } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { newId } from '../storage/ids.js';
import { inTime } from '../storage/in-time.js';
import { idFields } from '../storage/log-fields.js';
import { BulkRetry, BulkRetryStatus } from './bulk-retry.js';
import { type DeliverySelection, matchesNothing, selectDeliveries } from './list-deliveries.js';

/** So many ids make a row of the work that is left: few rows for a million deliveries, and little to rewrite in each. */
const CHUNK = 1_000;

/** Selecting may take so long, in milliseconds. */
const SELECT_FOR_MS = 25_000;

export interface BulkRetryOptions {
  database: Database;
  doorbell: Doorbell;
  clock: Clock;
  log: Log;
}

/** A bulk retry that was started, or would be. */
export interface MatchedDeliveries {
  /** Null on a dry run. */
  bulkRetry: BulkRetry | null;
  matchedCount: number;
}

/**
 * Takes note of every delivery that matches this moment; they are retried in the background, oldest first. A dry run
 * counts them and changes nothing. Answers null when so many match that finding them takes too long.
 */
export async function startBulkRetry(
  { database, doorbell, clock, log }: BulkRetryOptions,
  accountId: string,
  selection: DeliverySelection,
  { dryRun }: { dryRun: boolean },
): Promise<MatchedDeliveries | null> {
  const matching = selectIds(database, accountId, selection);
  const now = new Date(clock.now());
  const matched = await inTime(database, SELECT_FOR_MS, async (tx) => {
    if (dryRun) return { bulkRetry: null, matchedCount: await count(tx, matching) };
    const bulkRetry = await start(tx, accountId, matching, now);
    return { bulkRetry, matchedCount: bulkRetry.total };
  });
  if (matched?.bulkRetry) {
    const { id: bulkRetryId, total } = matched.bulkRetry;
    log.info({ ...idFields({ accountId, bulkRetryId }), total }, 'bulk retry started');
    doorbell.ring('changed');
  }
  return matched;
}

/** A query for `id` and `endpoint_id`. */
interface Matching {
  sql: string;
  parameters: unknown[];
}

function selectIds(database: Database, accountId: string, selection: DeliverySelection): Matching {
  const query = selectDeliveries(database, accountId, selection)
    .select('delivery.id', 'id')
    .addSelect('delivery.endpointId', 'endpoint_id');
  if (matchesNothing(selection)) query.andWhere('false');
  const [sql, parameters] = query.getQueryAndParameters();
  return { sql, parameters };
}

async function count(tx: Transaction, { sql, parameters }: Matching): Promise<number> {
  const [row] = await tx.query<{ count: number }>(`select count(*)::int as count from (${sql}) matching`, parameters);
  return row!.count;
}

async function start(tx: Transaction, accountId: string, matching: Matching, now: Date): Promise<BulkRetry> {
  const id = newId(now.getTime());
  const total = await writeChunks(tx, accountId, id, matching);
  const isOver = total === 0;
  const bulkRetry = Object.assign(new BulkRetry(), {
    accountId,
    id,
    status: isOver ? BulkRetryStatus.COMPLETED : BulkRetryStatus.RUNNING,
    total,
    queued: 0,
    passedOver: 0,
    createdAt: now,
    completedAt: isOver ? now : null,
  });
  await tx.manager.insert(BulkRetry, bulkRetry);
  await recordChange(tx, accountId, 'bulk_retry', id);
  return bulkRetry;
}

/** Writes down the ids of all that match, in one statement, so that all are of one moment. Answers how many. */
async function writeChunks(
  tx: Transaction,
  accountId: string,
  bulkRetryId: string,
  { sql, parameters }: Matching,
): Promise<number> {
  const [row] = await tx.query<{ total: number }>(
    `with written as (
       insert into webhooks.bulk_retry_chunks (account_id, bulk_retry_id, endpoint_id, number, delivery_ids)
       select $${parameters.length + 1}, $${parameters.length + 2}, endpoint_id, number, array_agg(id order by id)
         from (select id, endpoint_id,
                      (row_number() over (partition by endpoint_id order by id) - 1) / ${CHUNK} as number
                 from (${sql}) matching) numbered
        group by endpoint_id, number
       returning cardinality(delivery_ids) as size)
     select coalesce(sum(size), 0)::int as total from written`,
    [...parameters, accountId, bulkRetryId],
  );
  return row!.total;
}
