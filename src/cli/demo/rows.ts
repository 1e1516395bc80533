import type { DeliveryView } from './live.js';
import type { Style } from './screen.js';
import type { Stage } from './stage.js';

/** A delivery's change, in columns as wide as they ever get: indented, a line just fits. */
interface Row {
  /** Since the start of the process, in milliseconds. */
  readonly atMs: number;
  readonly path: string;
  readonly delivery: DeliveryView;
  readonly previous: DeliveryView | undefined;
  /** The present, in Unix milliseconds. */
  readonly nowMs: number;
}

const STYLES: Record<DeliveryView['status'], Style> = {
  PENDING: 'dim',
  RETRYING: 'yellow',
  HELD: 'magenta',
  SUCCEEDED: 'green',
  FAILED: 'red',
};

/** Shows each change of the deliveries to these endpoints as it arrives, until it is disposed of. */
export function showRows({ live, screen, pathsById }: Stage, endpointIds: readonly string[]): Disposable {
  const show = (delivery: DeliveryView, previous: DeliveryView | undefined) => {
    // What was published is worth a line once something has come of it.
    if (!endpointIds.includes(delivery.endpoint.id) || delivery.status === 'PENDING') return;
    if (previous?.status === delivery.status && previous.attemptCount === delivery.attemptCount) return;
    const path = pathsById.get(delivery.endpoint.id) ?? '';
    const row = { atMs: performance.now(), path, delivery, previous, nowMs: Date.now() };
    screen.detail(textOf(row), STYLES[delivery.status]);
  };
  live.listeners.add(show);
  return { [Symbol.dispose]: () => void live.listeners.delete(show) };
}

/** Such as ` 7.5 s  payment.failed   /flaky   PENDING → RETRYING    attempt 1  503, 4 ms   next in 1.0 s`. */
export function textOf({ atMs, path, delivery, previous, nowMs }: Row): string {
  const { eventType, status, attemptCount, nextAttemptAt, lastAttempt } = delivery;
  const response = lastAttempt && `${lastAttempt.responseStatusCode ?? 'none'}, ${lastAttempt.responseTimeMs} ms`;
  const columns = [
    `${seconds(atMs)} s`.padStart(6),
    eventType.padEnd(17),
    path.padEnd(8),
    `${previous?.status ?? 'PENDING'} → ${status}`.padEnd(20),
    attemptCount > 0 ? `attempt ${attemptCount}` : '',
    (response ?? '').padEnd(11),
    nextAttemptAt === null ? '' : `next in ${seconds(Date.parse(nextAttemptAt) - nowMs)} s`,
  ];
  return columns.join('  ').trimEnd();
}

/** Milliseconds as seconds with one decimal; none below zero. */
export function seconds(ms: number): string {
  return (Math.max(0, ms) / 1_000).toFixed(1);
}
