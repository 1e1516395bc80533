import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../log.js';
import { MINUTE_MS } from '../units.js';

/** A collector may be away for a day: that is worth a line now and then, not one per batch. */
const WARN_EVERY_MS = 10 * MINUTE_MS;

const SUCCESS = 0;

/** Passes spans on to another exporter, and says when it could not deliver them, which the SDK keeps to itself. */
export class WarningExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: Log;
  #lost = 0;
  /** By `performance.now()`. */
  #warnedAtMs: number | undefined;

  constructor(exporter: SpanExporter, log: Log) {
    this.#exporter = exporter;
    this.#log = log;
  }

  export(spans: ReadableSpan[], onResult: Parameters<SpanExporter['export']>[1]): void {
    this.#exporter.export(spans, (result) => {
      if (result.code !== SUCCESS) this.#warn(spans.length, result.error);
      onResult(result);
    });
  }

  async shutdown(): Promise<void> {
    await this.#exporter.shutdown();
  }

  #warn(spans: number, error: Error | undefined): void {
    this.#lost += spans;
    const nowMs = performance.now();
    if (this.#warnedAtMs !== undefined && nowMs - this.#warnedAtMs < WARN_EVERY_MS) return;
    this.#warnedAtMs = nowMs;
    // Of the error its words alone: the library hangs on it what the collector answered.
    const fields = { lostSpans: this.#lost, reason: error?.message, statusCode: statusCodeOf(error) };
    this.#log.warn(fields, 'traces not delivered to the collector; deliveries go on, further warnings in ten minutes');
    this.#lost = 0;
  }
}

function statusCodeOf(error: Error | undefined): unknown {
  return error && 'code' in error ? error.code : undefined;
}
