import { type MetricsServer, startMetricsServer } from '../http/metrics-server.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { Clock } from '../storage/clock.js';
import { Database, type DatabaseOptions } from '../storage/database.js';
import { watchDatabase } from './watch-database.js';

export interface OpenMonitoringOptions extends Pick<DatabaseOptions, 'url' | 'name' | 'onConnectionLost'> {
  host: string;
  /** 0 picks a free one. */
  port: number;
  metrics: Metrics;
  clock: Clock;
  log: Log;
}

const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Shows the metrics, with what the database says of all processes together, which is asked for on a connection of its own.
 * Closes with `opened`.
 *
 * @throws {ListenError} when it cannot listen there; the message says what to do.
 */
export async function openMonitoring(
  { host, port, metrics, clock, log, ...options }: OpenMonitoringOptions,
  opened: AsyncDisposableStack,
): Promise<MetricsServer> {
  const database = await Database.open({ ...options, poolSize: 1, answerTimeoutMs: ANSWER_TIMEOUT_MS, metrics });
  opened.defer(() => database.close());
  watchDatabase(metrics, { database, clock, log });
  const server = await startMetricsServer({ host, port, metrics, log });
  opened.defer(() => server.close());
  return server;
}
