import type { Act } from '../act.js';
import { promised } from '../demo-error.js';
import { createEndpoint, readEndpoint } from '../endpoints.js';
import { publishTimed } from '../publish.js';
import { seconds, showRows } from '../rows.js';
import { RETRY_SCHEDULE_SECONDS, type Stage } from '../stage.js';

const SCHEDULE = RETRY_SCHEDULE_SECONDS.map((wait) => `${wait} s`).join(', ');
const REPAINT_MS = 100;

/** So much may two clocks differ that measure the same seconds. */
const CLOCK_TOLERANCE_MS = 50;

export const retries: Act = {
  heading: `What fails is tried again, here after ${SCHEDULE}; by default after 1 m, 5 m, 30 m, 2 h, 24 h`,

  async play(stage) {
    const { screen, watch, live } = stage;
    const flaky = await createEndpoint(stage, '/flaky', {
      eventTypes: ['payment.failed'],
      answer: (count) => ({ status: count <= 2 ? 503 : 200 }),
    });
    const broken = await createEndpoint(stage, '/broken', {
      eventTypes: ['chargeback.opened'],
      answer: () => ({ status: 500 }),
    });
    using _rows = showRows(stage, [flaky, broken]);
    using _countdown = showCountdown(stage, [flaky, broken]);
    await publishTimed(stage, 'payment.failed');
    await publishTimed(stage, 'chargeback.opened');

    await watch.until('/flaky has recovered', () => live.count(flaky, 'SUCCEEDED') === 1);
    await watch.until('/broken is given up', () => live.count(broken, 'FAILED') === 1);
    screen.kept(`/flaky has recovered with attempt 3, after waits of ${waitsOf(stage, '/flaky', 3)}`);
    screen.kept(`/broken is FAILED after 4 attempts, after waits of ${waitsOf(stage, '/broken', 4)}`);
    const { status } = await readEndpoint(stage, broken);
    promised(status === 'FAILING', `/broken is ${status} although its delivery is exhausted`);
    screen.kept(`the endpoint /broken is ${status}`);
  },
};

/** How long the service waited between its attempts at a path; none of them may be too early. */
function waitsOf({ receiver }: Stage, path: string, attemptCount: number): string {
  const receipts = receiver.receiptsAt(path);
  promised(receipts.length === attemptCount, `${path} got ${receipts.length} attempts instead of ${attemptCount}`);
  const waitsMs = receipts.slice(1).map(({ atMs }, index) => atMs - receipts[index]!.atMs);
  for (const [index, waitMs] of waitsMs.entries()) {
    const leastMs = RETRY_SCHEDULE_SECONDS[index]! * 1_000 - CLOCK_TOLERANCE_MS;
    promised(waitMs >= leastMs, `attempt ${index + 2} at ${path} came ${waitMs} ms after the one before it`);
  }
  return waitsMs.map((waitMs) => `${seconds(waitMs)} s`).join(', ');
}

/** Counts down to the next attempts at the bottom of a rich screen, until it is disposed of. */
function showCountdown({ screen, live, pathsById }: Stage, endpointIds: readonly string[]): Disposable {
  const repaint = () => {
    const due = [...live.deliveries.values()].flatMap(({ endpoint, nextAttemptAt }) => {
      if (!endpointIds.includes(endpoint.id) || nextAttemptAt === null) return [];
      const inMs = Date.parse(nextAttemptAt) - Date.now();
      return `${pathsById.get(endpoint.id)} ${inMs > 0 ? `in ${seconds(inMs)} s` : 'now'}`;
    });
    screen.status(due.length > 0 ? `next attempt at ${due.join(', at ')}` : '');
  };
  const repainting = setInterval(repaint, REPAINT_MS);
  live.listeners.add(repaint);
  return {
    [Symbol.dispose]: () => {
      live.listeners.delete(repaint);
      clearInterval(repainting);
      screen.status();
    },
  };
}
