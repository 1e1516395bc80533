import DataLoader from 'dataloader';
import type { DeliveryAttempt } from '../deliveries/attempt.js';
import type { BulkRetry } from '../deliveries/bulk-retry.js';
import type { Delivery } from '../deliveries/delivery.js';
import { readAttempts, readDeliveries, readLastAttempts } from '../deliveries/read-deliveries.js';
import { readBulkRetries } from '../deliveries/stored-bulk-retries.js';
import {
  type LastDelivery,
  readCounts,
  readLastDeliveries,
  StatsWindow,
  WINDOW_MS,
} from '../endpoints/delivery-stats.js';
import type { WebhookEndpoint } from '../endpoints/endpoint.js';
import type { EndpointHealth } from '../endpoints/endpoint-health.js';
import { readHeldCounts } from '../endpoints/held-count.js';
import { readEndpoints, readEndpointsOfDeliveries, readHealth } from '../endpoints/list-endpoints.js';
import type { WebhookEvent } from '../events/event.js';
import { readEvents } from '../events/list-events.js';
import type { Clock } from '../storage/clock.js';
import type { Database } from '../storage/database.js';

type Loader<Value> = DataLoader<string, Value>;

/** What many objects of one response need is read for all of them at once. Keys are UUIDs. */
export interface Loaders {
  event: Loader<WebhookEvent | null>;
  endpoint: Loader<WebhookEndpoint | null>;
  endpointOfDelivery: Loader<WebhookEndpoint | null>;
  delivery: Loader<Delivery | null>;
  /** By delivery. Prime it with what is known: the delivery may be deleted by the time that it is asked for. */
  eventId: Loader<string | null>;
  bulkRetry: Loader<BulkRetry | null>;
  /** By delivery, oldest first. */
  attempts: Loader<DeliveryAttempt[]>;
  /** By delivery. */
  lastAttempt: Loader<DeliveryAttempt | null>;
  /** By endpoint; null when nothing ever failed. */
  health: Loader<EndpointHealth | null>;
  /** By endpoint: how many of its deliveries are held. */
  heldCount: Loader<number>;
  /** By endpoint. */
  lastDelivery: Loader<LastDelivery | null>;
  /** By endpoint, for each window. */
  counts: Record<StatsWindow, Loader<{ succeeded: number; failed: number }>>;
}

export function createLoaders({ database, clock }: { database: Database; clock: Clock }, accountId: string): Loaders {
  const one = <Row>(
    read: (database: Database, accountId: string, keys: readonly string[]) => Promise<Row[]>,
    keyOf: (row: Row) => string,
  ) =>
    new DataLoader<string, Row | null>(async (keys) => {
      const rows = new Map((await read(database, accountId, keys)).map((row) => [keyOf(row), row]));
      return keys.map((key) => rows.get(key) ?? null);
    });
  const counts = (window: StatsWindow) =>
    new DataLoader<string, { succeeded: number; failed: number }>(async (keys) => {
      const since = new Date(clock.now() - WINDOW_MS[window]);
      const rows = await readCounts(database, accountId, keys, since);
      const byEndpoint = new Map(rows.map((row) => [row.endpointId, row]));
      return keys.map((key) => byEndpoint.get(key) ?? { succeeded: 0, failed: 0 });
    });
  const delivery = one(readDeliveries, ({ id }) => id);
  return {
    event: one(readEvents, ({ id }) => id),
    endpoint: one(readEndpoints, ({ id }) => id),
    endpointOfDelivery: one(readEndpointsOfDeliveries, ({ id }) => id),
    delivery,
    eventId: new DataLoader(async (ids) =>
      (await delivery.loadMany(ids)).map((row) => (row instanceof Error ? row : (row?.eventId ?? null))),
    ),
    bulkRetry: one(readBulkRetries, ({ id }) => id),
    attempts: new DataLoader(async (keys) => {
      const attempts = Map.groupBy(await readAttempts(database, accountId, keys), ({ deliveryId }) => deliveryId);
      return keys.map((key) => attempts.get(key) ?? []);
    }),
    lastAttempt: one(readLastAttempts, ({ deliveryId }) => deliveryId),
    health: one(readHealth, ({ endpointId }) => endpointId),
    heldCount: new DataLoader(async (keys) => {
      const rows = await readHeldCounts(database, accountId, keys);
      const byEndpoint = new Map(rows.map(({ endpointId, count }) => [endpointId, count]));
      return keys.map((key) => byEndpoint.get(key) ?? 0);
    }),
    lastDelivery: one(readLastDeliveries, ({ endpointId }) => endpointId),
    counts: {
      [StatsWindow.LAST_HOUR]: counts(StatsWindow.LAST_HOUR),
      [StatsWindow.LAST_24_HOURS]: counts(StatsWindow.LAST_24_HOURS),
      [StatsWindow.LAST_7_DAYS]: counts(StatsWindow.LAST_7_DAYS),
      [StatsWindow.LAST_30_DAYS]: counts(StatsWindow.LAST_30_DAYS),
    },
  };
}
