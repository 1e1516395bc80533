import type { Act } from '../act.js';
import { promised } from '../demo-error.js';
import { createEndpoint } from '../endpoints.js';
import { publishMany } from '../publish.js';

const COUNT = 200;

/** How long the receiver takes for each, so that people can follow. */
const ANSWER_AFTER_MS = 40;

interface BulkRetryView {
  readonly id: string;
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELED';
  readonly total: number;
  readonly queued: number;
}

interface RetryPayload {
  readonly bulkRetry: BulkRetryView | null;
  readonly matchedCount: number;
}

const RETRY_DELIVERIES = `mutation ($input: RetryDeliveriesInput!) {
  retryDeliveries(input: $input) { bulkRetry { id status total queued } matchedCount userErrors { message } }
}`;

const BULK_RETRY_UPDATED = 'subscription ($id: ID!) { bulkRetryUpdated(id: $id) { id status total queued } }';

export const bulkRetry: Act = {
  heading: 'All that has failed is retried at once; a subscription says how far it has come',

  async play(stage) {
    const { screen, watch, live, api, receiver } = stage;
    const ledger = await createEndpoint(stage, '/ledger', {
      eventTypes: ['payment.refunded'],
      retryScheduleSeconds: [],
      answer: () => ({ status: 500 }),
    });
    await publishMany(stage, 'payment.refunded', COUNT);
    await watch.until('all have failed', () => live.count(ledger, 'FAILED') === COUNT);
    screen.detail(
      `/ledger is down and has no retries of its own: ${COUNT} deliveries FAILED. Now it is mended.`,
      'red',
    );

    receiver.answer('/ledger', () => ({ status: 200, afterMs: ANSWER_AFTER_MS }));
    const filter = { endpointIds: [ledger], statuses: ['FAILED'] };
    const dryRun = await api.mutate<RetryPayload>(RETRY_DELIVERIES, { input: { filter, dryRun: true } });
    promised(dryRun.matchedCount === COUNT, `a dry run counts ${dryRun.matchedCount} instead of ${COUNT}`);
    promised(live.count(ledger, 'FAILED') === COUNT, 'the dry run has changed something');
    screen.kept(`a dry run counts ${dryRun.matchedCount}, and changes nothing`);

    const started = await api.mutate<RetryPayload>(RETRY_DELIVERIES, { input: { filter } });
    promised(started.bulkRetry !== null, 'no bulk retry was started');
    let now = started.bulkRetry;
    let steps = 0;
    const fill = screen.bar('retried', COUNT);
    live.follow<{ bulkRetryUpdated: BulkRetryView }>(BULK_RETRY_UPDATED, { id: now.id }, ({ bulkRetryUpdated }) => {
      now = bulkRetryUpdated;
      steps += 1;
      fill(now.queued);
    });
    await watch.until('the bulk retry is COMPLETED', () => now.status === 'COMPLETED');
    await watch.until('all that was retried has succeeded', () => live.count(ledger, 'SUCCEEDED') === COUNT);
    promised(now.queued === COUNT, `it has dealt with ${now.queued} of ${COUNT}`);
    screen.kept(`all ${COUNT} are SUCCEEDED now; ${steps} updates told how it went`);
  },
};
