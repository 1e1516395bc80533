import { DemoError, promised } from './demo-error.js';
import { seconds } from './rows.js';
import type { Screen } from './screen.js';
import type { Stage } from './stage.js';

/** What the demonstration came to, as it was measured. */
export interface Summary {
  readonly events: number;
  readonly deliveries: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly attempts: number;
  /** Right ones: two of every request. */
  readonly signatures: number;
  readonly updates: number;
  /** How long the event in the middle took from publishing to its first arrival, and of how many events. */
  readonly medianMs: number;
  readonly timedCount: number;
}

const COUNT_DELIVERIES = '{ deliveries(first: 1) { totalCount } }';

/** Adds up what was heard, and compares it with what the receiver got and with what the API says. */
export async function summarise({ api, live, receiver, eventCount, publishedAtMs }: Stage): Promise<Summary> {
  const all = [...live.deliveries.values()];
  const attempts = all.reduce((sum, { attemptCount }) => sum + attemptCount, 0);
  const requests = receiver.receipts.length;
  promised(attempts === requests, `the subscription told of ${attempts} attempts, and the receiver got ${requests}`);
  const { deliveries } = await api.query<{ deliveries: { totalCount: number } }>(COUNT_DELIVERIES);
  const { totalCount } = deliveries;
  promised(
    totalCount === all.length,
    `the API counts ${totalCount} deliveries, the subscription told of ${all.length}`,
  );
  const tookMs = arrivalTimes(publishedAtMs, receiver.receipts);
  return {
    events: eventCount,
    deliveries: all.length,
    succeeded: all.filter(({ status }) => status === 'SUCCEEDED').length,
    failed: all.filter(({ status }) => status === 'FAILED').length,
    attempts,
    signatures: 2 * requests,
    updates: live.updateCount,
    medianMs: tookMs[Math.floor(tookMs.length / 2)]!,
    timedCount: tookMs.length,
  };
}

/** Of each event that was timed, from publishing to its first arrival, in milliseconds, shortest first. */
function arrivalTimes(publishedAtMs: Stage['publishedAtMs'], receipts: Stage['receiver']['receipts']): number[] {
  const arrivedAtMs = new Map(receipts.toReversed().map(({ eventId, atMs }) => [eventId, atMs]));
  const times = [...publishedAtMs].map(([eventId, atMs]) => {
    const arrived = arrivedAtMs.get(eventId);
    if (arrived === undefined) throw new DemoError(`the event ${eventId} has not arrived`);
    return arrived - atMs;
  });
  return times.sort((one, other) => one - other);
}

export function showSummary(screen: Screen, summary: Summary): void {
  const { deliveries, succeeded, failed, attempts, signatures, updates, medianMs, timedCount } = summary;
  const rows: [string, string, string][] = [
    ['events', format(summary.events), 'published, one of them as a test'],
    ['deliveries', format(deliveries), `${succeeded} succeeded, ${failed} failed`],
    ['attempts', format(attempts), 'all of them received'],
    ['signatures', format(signatures), 'verified: two of every request'],
    ['updates', format(updates), 'seen live'],
    [
      'median',
      `${Math.round(medianMs)} ms`,
      `from publishing to receipt, of ${timedCount} events published one by one`,
    ],
    ['elapsed', `${seconds(performance.now())} s`, 'with start and stop'],
  ];
  for (const [name, figure, meaning] of rows) {
    screen.detail(`${name.padEnd(10)}  ${screen.paint('bold', figure.padStart(8))}  ${screen.paint('dim', meaning)}`);
  }
}

function format(count: number): string {
  return count.toLocaleString('en');
}
