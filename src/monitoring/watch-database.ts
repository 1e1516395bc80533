import { readBacklog } from '../deliveries/read-backlog.js';
import { countEndpointsByStatus } from '../endpoints/count-endpoints.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { Clock } from '../storage/clock.js';
import type { Database } from '../storage/database.js';

export interface WatchedDatabase {
  /** A connection of its own, impatient: that all others are busy says nothing about the database. */
  database: Database;
  clock: Clock;
  log: Log;
}

/** However often somebody looks, the database is asked at most once in so long. */
const ASK_EVERY_MS = 1_000;

/** Adds what the database knows of all processes together. While it does not answer, these values are NaN or missing. */
export function watchDatabase(metrics: Metrics, { database, clock, log }: WatchedDatabase): void {
  const read = atMostEvery(ASK_EVERY_MS, async () => {
    try {
      const now = new Date(clock.now());
      const backlog = await readBacklog(database, now);
      const ageMs = backlog.oldestDueAt ? Math.max(0, now.getTime() - backlog.oldestDueAt.getTime()) : 0;
      return { ...backlog, oldestDueAgeSeconds: ageMs / 1_000, endpoints: await countEndpointsByStatus(database) };
    } catch (error) {
      log.warn({ err: error }, 'could not read the backlog for the metrics; trying again when they are asked for');
      return null;
    }
  });
  const gauge = (name: string, help: string, value: (state: NonNullable<Awaited<ReturnType<typeof read>>>) => number) =>
    metrics.gauge({ name, help }, async (set) => {
      const state = await read();
      if (state) set(value(state));
    });
  gauge(
    'webhooks_deliveries_due',
    'Deliveries of all processes with an attempt due by now or under way.',
    ({ dueCount }) => dueCount,
  );
  gauge(
    'webhooks_oldest_due_delivery_age_seconds',
    'For how long the longest waiting delivery has been due; 0 when none is. What to scale dispatchers on.',
    ({ oldestDueAgeSeconds }) => oldestDueAgeSeconds,
  );
  gauge(
    'webhooks_deliveries_held',
    'Deliveries that wait for their endpoint to be enabled.',
    (state) => state.heldCount,
  );
  metrics.gauge(
    { name: 'webhooks_endpoints', help: 'Endpoints of all accounts, by status.', labelNames: ['status'] },
    async (set) => {
      for (const [status, count] of (await read())?.endpoints ?? []) set(count, { status });
    },
  );
}

/** The same result for all who ask within the time. */
function atMostEvery<Result>(intervalMs: number, read: () => Promise<Result>): () => Promise<Result> {
  let last: { atMs: number; result: Promise<Result> } | undefined;
  return () => {
    if (!last || performance.now() - last.atMs >= intervalMs) last = { atMs: performance.now(), result: read() };
    return last.result;
  };
}
