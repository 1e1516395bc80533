import { VERSION } from '../version.js';
import { CommandError } from './command-error.js';
import type { Act } from './demo/act.js';
import { bulkRetry } from './demo/acts/bulk-retry.js';
import { firstDeliveries } from './demo/acts/first-deliveries.js';
import { holding } from './demo/acts/holding.js';
import { resuming } from './demo/acts/resuming.js';
import { retries } from './demo/acts/retries.js';
import { testEvent } from './demo/acts/test-event.js';
import { DemoError } from './demo/demo-error.js';
import { masked } from './demo/endpoints.js';
import { seconds } from './demo/rows.js';
import { type Output, Screen } from './demo/screen.js';
import { openStage, type Stage } from './demo/stage.js';
import { type Summary, showSummary, summarise } from './demo/summary.js';
import { Watch } from './demo/watch.js';

export interface DemoOptions {
  readonly output: Output;
  /** Whether the output has colours, and lines that change in place. */
  readonly isRich: boolean;
  /** Ends the demonstration early, in order. */
  readonly signal: AbortSignal;
}

const ACTS: readonly Act[] = [firstDeliveries, retries, testEvent, holding, bulkRetry, resuming];

/** After each part, where a person is looking. */
const READING_MS = 700;

/**
 * Shows the whole product at work, in under a minute: the real service on a temporary database, and a receiver. It
 * checks everything that it shows.
 *
 * @throws {DemoError} when something did not come out as promised; by then everything is closed
 */
export async function runDemo({ output, isRich, signal }: DemoOptions): Promise<void> {
  const screen = new Screen(output, { isRich });
  const watch = new Watch();
  const stop = () => watch.abandon(signal.reason);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  screen.line(screen.paint('bold', `RevKeen Webhooks ${VERSION}, a demonstration`));
  try {
    const summary = await playAll(screen, watch);
    screen.heading(ACTS.length + 2, 'In short');
    showSummary(screen, summary);
    screen.kept('everything came out as promised, and nothing of it is left behind');
  } catch (error) {
    if (!signal.aborted) throw error;
    screen.line('Stopped before the end. Nothing is left behind.');
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Starts the service, plays act by act, and closes everything. */
async function playAll(screen: Screen, watch: Watch): Promise<Summary> {
  await using opened = new AsyncDisposableStack();
  opened.defer(() => screen.status());
  let number = 1;
  try {
    screen.heading(number, 'The service is started with all that it needs: API, dispatcher and PostgreSQL');
    screen.status('starting …');
    const stage = await openStage(screen, watch, opened);
    screen.status();
    showStart(stage);
    for (const { heading, play } of ACTS) {
      number += 1;
      screen.heading(number, heading);
      await play(stage);
      if (screen.isRich) await watch.pause(READING_MS);
    }
    const summary = await summarise(stage);
    screen.status('stopping …');
    return summary;
  } catch (error) {
    screen.status();
    if (!(error instanceof CommandError)) throw error;
    throw new DemoError(`The demonstration failed in part ${number}: ${error.message}.`, { cause: error });
  }
}

function showStart({ screen, api, receiver }: Stage): void {
  screen.detail(`GraphQL   ${api.url}/graphql`);
  screen.detail(`API key   ${masked(api.apiKey, 'rk_live_')}`);
  screen.detail(`receiver  ${receiver.urlOf('')}, a customer’s HTTPS server, which verifies every signature`);
  screen.kept(`ready ${seconds(performance.now())} s after the start of the process`);
}
