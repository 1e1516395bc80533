import type { Executor, Statement, Transaction } from '../storage/database.js';
import { BATCH, inBatches } from '../storage/in-batches.js';
import { DAY_MS, MINUTE_MS } from '../units.js';
import { histogramOf } from './response-time-histogram.js';
import type { Settlement } from './settlement.js';

export const BUCKET_MS = 5 * MINUTE_MS;

interface Bucket {
  accountId: string;
  endpointId: string;
  at: number;
  succeeded: number;
  failed: number;
  responseTimesMs: number[];
  last: { attemptAt: Date; deliveryId: string } | null;
}

const ADD_TO_BUCKETS: Statement = {
  name: 'add_to_buckets',
  text: `
    insert into webhooks.endpoint_stats as s
      (account_id, endpoint_id, bucket_at, succeeded, failed, response_count, response_time_ms_sum,
       response_time_histogram, last_attempt_at, last_delivery_id)
    select account_id, endpoint_id, bucket_at, succeeded, failed, response_count, response_time_ms_sum,
           histogram::int[], last_attempt_at, last_delivery_id
      from unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::int[], $5::int[], $6::int[], $7::bigint[], $8::text[],
                  $9::timestamptz[], $10::uuid[])
        as b (account_id, endpoint_id, bucket_at, succeeded, failed, response_count, response_time_ms_sum, histogram,
              last_attempt_at, last_delivery_id)
     order by account_id, endpoint_id, bucket_at
    on conflict (account_id, endpoint_id, bucket_at) do update
      set succeeded = s.succeeded + excluded.succeeded,
          failed = s.failed + excluded.failed,
          response_count = s.response_count + excluded.response_count,
          response_time_ms_sum = s.response_time_ms_sum + excluded.response_time_ms_sum,
          response_time_histogram = webhooks.add_histograms(s.response_time_histogram, excluded.response_time_histogram),
          last_attempt_at = greatest(s.last_attempt_at, excluded.last_attempt_at),
          last_delivery_id = case when s.last_attempt_at > excluded.last_attempt_at then s.last_delivery_id
                                  else coalesce(excluded.last_delivery_id, s.last_delivery_id) end`,
};

/** Counts settled attempts in their endpoints' five-minute buckets. */
export async function updateStats(tx: Transaction, settlements: readonly Settlement[]): Promise<void> {
  const buckets = gather(settlements);
  if (buckets.length === 0) return;
  await tx.query(ADD_TO_BUCKETS, [
    buckets.map(({ accountId }) => accountId),
    buckets.map(({ endpointId }) => endpointId),
    buckets.map(({ at }) => new Date(at)),
    buckets.map(({ succeeded }) => succeeded),
    buckets.map(({ failed }) => failed),
    buckets.map(({ responseTimesMs }) => responseTimesMs.length),
    buckets.map(({ responseTimesMs }) => responseTimesMs.reduce((sum, ms) => sum + ms, 0)),
    buckets.map(({ responseTimesMs }) => `{${histogramOf(responseTimesMs).join(',')}}`),
    buckets.map(({ last }) => last?.attemptAt ?? null),
    buckets.map(({ last }) => last?.deliveryId ?? null),
  ]);
}

function gather(settlements: readonly Settlement[]): Bucket[] {
  const buckets = new Map<string, Bucket>();
  const bucketOf = ({ accountId, endpointId }: Settlement, instant: Date): Bucket => {
    const at = Math.floor(instant.getTime() / BUCKET_MS) * BUCKET_MS;
    const key = `${accountId}\n${endpointId}\n${at}`;
    const bucket = buckets.get(key) ?? {
      accountId,
      endpointId,
      at,
      succeeded: 0,
      failed: 0,
      responseTimesMs: [],
      last: null,
    };
    buckets.set(key, bucket);
    return bucket;
  };
  for (const settlement of settlements) {
    const { deliveryId, startedAt, finishedAt, responseTimeMs, completed } = settlement;
    const bucket = bucketOf(settlement, finishedAt);
    if (responseTimeMs !== null) bucket.responseTimesMs.push(responseTimeMs);
    // In the bucket of its start, not its end: so the latest bucket has the latest attempt, however long others take.
    const beginning = bucketOf(settlement, startedAt);
    if (!beginning.last || startedAt >= beginning.last.attemptAt) {
      beginning.last = { attemptAt: startedAt, deliveryId };
    }
    if (completed?.succeeded) bucket.succeeded += 1;
    else if (completed) bucket.failed += 1;
    // A retry that turned failure into success: the delivery counts once, as what it is now.
    if (completed?.failedBeforeAt) bucketOf(settlement, completed.failedBeforeAt).failed -= 1;
  }
  return [...buckets.values()];
}

const STATS_KEPT_MS = 31 * DAY_MS;

/** Forgets buckets that no window reaches back to, except the last of each endpoint: it holds the last delivery. */
export async function forgetOldStats(db: Executor, now: Date, isStopping: () => boolean): Promise<void> {
  await inBatches(
    db,
    `with gone as (
       delete from webhooks.endpoint_stats where ctid = any (array(
         select ctid from webhooks.endpoint_stats old
          where bucket_at < $1
            and exists (select from webhooks.endpoint_stats newer
                         where newer.account_id = old.account_id and newer.endpoint_id = old.endpoint_id
                           and newer.bucket_at > old.bucket_at and newer.last_attempt_at is not null)
          limit ${BATCH}))
       returning 1)
     select count(*)::int as count from gone`,
    [new Date(now.getTime() - STATS_KEPT_MS)],
    isStopping,
  );
}
