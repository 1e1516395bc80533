import { setTimeout as delay } from 'node:timers/promises';
import type { TracingSettings } from '../config/config.js';
import type { Log } from '../log.js';
import type { Tracing } from '../tracing.js';

/** What is not told by then is lost: a collector that does not answer must not keep a process from stopping. */
const FLUSH_PATIENCE_MS = 2_000;

/** Opens the way to the collector; null without settings, and then the SDK is not loaded. Closes with `opened`. */
export async function openTracing(
  settings: TracingSettings | null,
  log: Log,
  opened: AsyncDisposableStack,
): Promise<Tracing | null> {
  if (!settings) return null;
  const { startOpenTelemetry } = await import('./open-telemetry.js');
  const { tracing, flush } = startOpenTelemetry(settings, log);
  opened.defer(() => Promise.race([flush(), delay(FLUSH_PATIENCE_MS)]));
  return tracing;
}
