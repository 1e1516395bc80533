import { expect, it } from '@jest/globals';
import { LiveClient } from '../support/live.js';
import { setUp } from '../support/service.js';

interface Update {
  bulkRetryUpdated: { id: string; status: string; total: number; queued: number; completedAt: string | null };
}

const BULK_RETRY = 'subscription ($id: ID!) { bulkRetryUpdated(id: $id) { id status total queued completedAt } }';

it('tells how a bulk retry stands, then each step, and ends when it is over', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '', ENDPOINT_WINDOW: '20' } });
  const { api, otherApi, receiver } = setup;
  receiver.answer({ status: 500 });
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.publishEvents(Array.from({ length: 100 }, () => ({ type: 'invoice.paid', data: {} })));
  await receiver.receive(100);
  receiver.answer({ status: 200 });
  await using live = await LiveClient.connect(api);
  await using otherLive = await LiveClient.connect(otherApi);
  const { retryDeliveries } = await api.request<{ retryDeliveries: { bulkRetry: { id: string } } }>(
    'mutation { retryDeliveries(input: { filter: {} }) { bulkRetry { id } } }',
  );
  const { id } = retryDeliveries.bulkRetry;

  const updates = live.subscribe<Update>(BULK_RETRY, { id });

  await updates.completed(30_000);
  const steps = updates.seen.map(({ bulkRetryUpdated }) => bulkRetryUpdated);
  expect(steps.length).toBeGreaterThan(2);
  for (const step of steps) expect(step).toMatchObject({ id, total: 100 });
  expect(steps.at(-1)).toMatchObject({ status: 'COMPLETED', queued: 100 });
  const queued = steps.map((step) => step.queued);
  expect(queued).toEqual([...queued].sort((a, b) => a - b));
  const afterwards = live.subscribe<Update>(BULK_RETRY, { id });
  await afterwards.completed();
  expect(afterwards.seen).toEqual([{ bulkRetryUpdated: steps.at(-1) }]);
  for (const nobody of [otherLive.subscribe(BULK_RETRY, { id }), live.subscribe(BULK_RETRY, { id: 'blk_nonsense' })]) {
    await nobody.completed();
    expect(nobody.seen).toEqual([]);
  }
});
