import { expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { setUp } from '../support/service.js';

// A dispatcher that claimed the due attempt while somebody asked for one more did not see yet that another job had taken
// its place: both were sent.
it('makes no further attempt while a dispatcher has the next one in hand, and does once it has not', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '1h' } });
  const { api, receiver, database } = setup;
  receiver.answer({ status: 500 });
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  const before = await api.deliveryOf(event, ({ status }) => status === 'RETRYING');
  const setState = (state: string) => database.query('update webhooks_queue.job set state = $1', [state]);

  await setState('active');
  const { delivery, userErrors } = await api.retryDelivery(before.id);
  const { bulkRetry } = await api.retryDeliveries({ filter: { eventId: event.id } });
  await eventually('the bulk retry over', async () => {
    const { status } = (await api.bulkRetry(bulkRetry!.id))!;
    return status === 'COMPLETED';
  });

  expect(userErrors).toEqual([]);
  expect(delivery).toMatchObject({ status: 'RETRYING', version: before.version, attemptCount: 1 });
  expect(await api.delivery(before.id)).toMatchObject({ version: before.version, attemptCount: 1 });

  await setState('created');
  await api.retryDelivery(before.id);
  const after = await api.deliveryOf(event, ({ attemptCount }) => attemptCount === 2);
  expect(after).toMatchObject({ status: 'RETRYING', nextAttemptAt: before.nextAttemptAt });
  // The next one of the schedule; the job that was withdrawn is gone.
  expect(await database.query('select start_after as "dueAt" from webhooks_queue.job')).toEqual([
    { dueAt: new Date(before.nextAttemptAt!) },
  ]);
});
