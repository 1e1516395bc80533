import type { Database } from '../storage/database.js';
import { DAY_MS, HOUR_MS } from '../units.js';
import { percentile } from './response-time-histogram.js';
import { BUCKET_MS } from './update-stats.js';

/** How far back statistics reach. */
export enum StatsWindow {
  LAST_HOUR = 'LAST_HOUR',
  LAST_24_HOURS = 'LAST_24_HOURS',
  LAST_7_DAYS = 'LAST_7_DAYS',
  LAST_30_DAYS = 'LAST_30_DAYS',
}

export const WINDOW_MS: Readonly<Record<StatsWindow, number>> = {
  [StatsWindow.LAST_HOUR]: HOUR_MS,
  [StatsWindow.LAST_24_HOURS]: DAY_MS,
  [StatsWindow.LAST_7_DAYS]: 7 * DAY_MS,
  [StatsWindow.LAST_30_DAYS]: 30 * DAY_MS,
};

/** How wide the points of a series are. */
export enum StatsInterval {
  HOUR = 'HOUR',
  DAY = 'DAY',
}

export const INTERVAL_MS: Readonly<Record<StatsInterval, number>> = {
  [StatsInterval.HOUR]: HOUR_MS,
  [StatsInterval.DAY]: DAY_MS,
};

/** Deliveries that reached their end within a window, and how fast the endpoint answered. */
export interface Totals {
  endpointId: string;
  succeeded: number;
  failed: number;
  averageResponseTimeMs: number | null;
  p95ResponseTimeMs: number | null;
}

export interface Point {
  at: Date;
  succeeded: number;
  failed: number;
  averageResponseTimeMs: number | null;
}

const NOTHING = { succeeded: 0, failed: 0, averageResponseTimeMs: null };

/** The last attempt that was made to an endpoint, test events left out. */
export interface LastDelivery {
  endpointId: string;
  attemptAt: Date;
  deliveryId: string;
}

/** The share of finished deliveries that succeeded, 0 to 1; null when none finished. */
export function successRate({ succeeded, failed }: Pick<Totals, 'succeeded' | 'failed'>): number | null {
  return succeeded + failed > 0 ? succeeded / (succeeded + failed) : null;
}

/** Succeeded and failed deliveries of many endpoints; those without any are missing. */
export async function readCounts(
  database: Database,
  accountId: string,
  endpointIds: readonly string[],
  since: Date,
): Promise<Pick<Totals, 'endpointId' | 'succeeded' | 'failed'>[]> {
  return database.query(
    `select endpoint_id as "endpointId", sum(succeeded)::int as succeeded, sum(failed)::int as failed
       from webhooks.endpoint_stats
      where account_id = $1 and endpoint_id = any ($2) and bucket_at >= $3
      group by 1`,
    [accountId, endpointIds, startOf(since)],
  );
}

export async function readTotals(
  database: Database,
  accountId: string,
  endpointId: string,
  since: Date,
): Promise<Totals> {
  const values = [accountId, endpointId, startOf(since)];
  const where = 'where account_id = $1 and endpoint_id = $2 and bucket_at >= $3';
  const [sums] = await database.query<Omit<Totals, 'p95ResponseTimeMs'>>(
    `select coalesce(sum(succeeded), 0)::int as succeeded, coalesce(sum(failed), 0)::int as failed,
            sum(response_time_ms_sum)::float8 / nullif(sum(response_count), 0) as "averageResponseTimeMs"
       from webhooks.endpoint_stats ${where}`,
    values,
  );
  const bins = await database.query<{ bin: number; count: number }>(
    `select bin::int - 1 as bin, sum(count)::int as count
       from webhooks.endpoint_stats cross join unnest(response_time_histogram) with ordinality as bins (count, bin)
      ${where}
      group by 1 having sum(count) > 0`,
    values,
  );
  const counts: number[] = Array(Math.max(0, ...bins.map(({ bin }) => bin + 1))).fill(0);
  for (const { bin, count } of bins) counts[bin] = count;
  return { ...sums!, endpointId, p95ResponseTimeMs: percentile(counts, 0.95) };
}

/** A point for every interval since an instant, oldest first, aligned to UTC; empty ones included. */
export async function readSeries(
  database: Database,
  accountId: string,
  endpointId: string,
  { since, now, interval }: { since: Date; now: Date; interval: StatsInterval },
): Promise<Point[]> {
  const widthMs = INTERVAL_MS[interval];
  const rows = await database.query<Omit<Point, 'at'> & { slot: number }>(
    `select floor(extract(epoch from bucket_at) * 1000 / $4)::int as slot,
            sum(succeeded)::int as succeeded, sum(failed)::int as failed,
            sum(response_time_ms_sum)::float8 / nullif(sum(response_count), 0) as "averageResponseTimeMs"
       from webhooks.endpoint_stats
      where account_id = $1 and endpoint_id = $2 and bucket_at >= $3
      group by 1`,
    [accountId, endpointId, startOf(since), widthMs],
  );
  const bySlot = new Map(rows.map((row) => [row.slot, row]));
  const points: Point[] = [];
  const last = Math.floor(now.getTime() / widthMs);
  for (let slot = Math.floor(startOf(since).getTime() / widthMs); slot <= last; slot += 1) {
    const { succeeded, failed, averageResponseTimeMs } = bySlot.get(slot) ?? NOTHING;
    points.push({ at: new Date(slot * widthMs), succeeded, failed, averageResponseTimeMs });
  }
  return points;
}

/** The last delivery of each endpoint; those that never had one are missing. */
export async function readLastDeliveries(
  database: Database,
  accountId: string,
  endpointIds: readonly string[],
): Promise<LastDelivery[]> {
  return database.query(
    `select e.id as "endpointId", s.last_attempt_at as "attemptAt", s.last_delivery_id as "deliveryId"
       from unnest($2::uuid[]) as e (id)
      cross join lateral (
        select last_attempt_at, last_delivery_id from webhooks.endpoint_stats
         where account_id = $1 and endpoint_id = e.id and last_attempt_at is not null
         order by bucket_at desc limit 1) s`,
    [accountId, endpointIds],
  );
}

function startOf(since: Date): Date {
  return new Date(Math.floor(since.getTime() / BUCKET_MS) * BUCKET_MS);
}
