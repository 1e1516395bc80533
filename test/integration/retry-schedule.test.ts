import { expect, it } from '@jest/globals';
import { TestClock } from 'pg-boss';
import type { DeliveryView } from '../support/api.js';
import { type SetupOptions, setUp } from '../support/service.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A service whose time, in JavaScript and in the queue, moves only as the test says. */
async function setUpWithClock(options: SetupOptions = {}) {
  const clock = new TestClock(Date.now());
  const setup = await setUp({ ...options, clock, databaseSettings: { 'pgboss.test_clock': 'on' } });
  return { clock, setup };
}

it('tries again 1 m, 5 m, 30 m, 2 h and 24 h after each failure, then gives up', async () => {
  const { clock, setup } = await setUpWithClock();
  await using _ = setup;
  const { api, receiver } = setup;
  receiver.answer({ status: 500, body: 'out of order' });
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');

  const waitsMs = [1 * MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 24 * HOUR_MS];
  for (const [index, waitMs] of waitsMs.entries()) {
    const delivery = await api.deliveryOf(event, ({ attemptCount }) => attemptCount === index + 1);
    expect(delivery.status).toBe('RETRYING');
    const attempt = delivery.attempts.at(-1)!;
    expect(new Date(delivery.nextAttemptAt!).getTime()).toBe(finishOf(attempt) + waitMs);
    // A second before it is due nothing happens, and then it does.
    await clock.setTime(new Date(delivery.nextAttemptAt!).getTime() - 1_000);
    expect(receiver.requests).toHaveLength(index + 1);
    await clock.setTime(new Date(delivery.nextAttemptAt!));
    await receiver.receive(index + 2);
  }

  const failed = await api.deliveryOf(event, ({ status }) => status === 'FAILED');
  expect(failed.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(failed.attempts.every(({ trigger }) => trigger === 'SCHEDULED')).toBe(true);
  expect(failed.nextAttemptAt).toBeNull();
  expect(failed.completedAt).not.toBeNull();
  expect(receiver.requests.map(({ headers }) => headers['x-revkeen-attempt'])).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event.id]));
  expect(new Set(receiver.requests.map(({ rawBody }) => rawBody))).toEqual(new Set([event.body]));
  expect((await api.endpoint(endpoint.id))?.status).toBe('FAILING');

  receiver.answer({ status: 200 });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  expect((await api.endpoint(endpoint.id))?.status).toBe('ACTIVE');
});

it('waits as long as Retry-After asks on 429 and 503, never less than the schedule says', async () => {
  const { setup } = await setUpWithClock();
  await using _ = setup;
  const { api, receiver } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const waitAfter = async (status: number, retryAfter: string) => {
    receiver.answer({ status, headers: { 'retry-after': retryAfter } });
    const event = await api.publishEvent('invoice.paid');
    const delivery = await api.deliveryOf(event, (one) => one.status === 'RETRYING');
    return new Date(delivery.nextAttemptAt!).getTime() - finishOf(delivery.attempts[0]!);
  };

  expect(await waitAfter(429, '600')).toBe(600_000);
  expect(await waitAfter(503, '600')).toBe(600_000);
  expect(await waitAfter(429, '1')).toBe(1 * MINUTE_MS);
  expect(await waitAfter(503, '999999')).toBe(24 * HOUR_MS);
  expect(await waitAfter(500, '600')).toBe(1 * MINUTE_MS);
});

it('makes one more attempt on request without using up the schedule', async () => {
  const { clock, setup } = await setUpWithClock();
  await using _ = setup;
  const { api, receiver } = setup;
  receiver.answer({ status: 500 });
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  const first = await api.deliveryOf(event, ({ status }) => status === 'RETRYING');

  await api.retryDelivery(first.id);
  const second = await api.deliveryOf(event, ({ attemptCount }) => attemptCount === 2);

  expect(second).toMatchObject({ status: 'RETRYING', nextAttemptAt: first.nextAttemptAt });
  expect(second.attempts.map(({ trigger }) => trigger)).toEqual(['SCHEDULED', 'MANUAL']);
  await clock.setTime(new Date(first.nextAttemptAt!));
  const third = await api.deliveryOf(event, ({ attemptCount }) => attemptCount === 3);
  expect(third.attempts.at(-1)!.trigger).toBe('SCHEDULED');
  expect(waitOf(third)).toBe(5 * MINUTE_MS);
});

it('retries a finished delivery: a failure leaves it as it is, a success ends it well', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '' } });
  const { api, receiver } = setup;
  receiver.answer({ status: 500 });
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  const failed = await api.deliveryOf(event, ({ status }) => status === 'FAILED');
  expect((await api.endpoint(endpoint.id))?.successRate).toBe(0);

  await api.retryDelivery(failed.id);
  const again = await api.deliveryOf(event, ({ attemptCount }) => attemptCount === 2);
  expect(again).toMatchObject({ status: 'FAILED', completedAt: failed.completedAt });

  receiver.answer({ status: 200 });
  await api.retryDelivery(failed.id);
  const succeeded = await api.deliveryOf(event);
  expect(succeeded.attempts.map(({ trigger }) => trigger)).toEqual(['SCHEDULED', 'MANUAL', 'MANUAL']);
  expect(await api.endpoint(endpoint.id)).toMatchObject({ successRate: 1, status: 'ACTIVE' });

  receiver.answer({ status: 500 });
  await api.retryDelivery(failed.id);
  const after = await api.deliveryOf(event, ({ attemptCount }) => attemptCount === 4);
  expect(after).toMatchObject({ status: 'SUCCEEDED', completedAt: succeeded.completedAt });
});

it('leaves a delivery unchanged whose attempt is under way', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const release = receiver.holdAnswers();
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  await receiver.receive(1);
  const [pending] = await api.deliveries({ eventId: event.id });

  const { delivery, userErrors } = await api.retryDelivery(pending!.id);

  expect(userErrors).toEqual([]);
  expect(delivery).toMatchObject({ status: 'PENDING', version: pending!.version });
  release();
  await api.deliveryOf(event);
  expect(receiver.requests).toHaveLength(1);
});

function finishOf({ startedAt, responseTimeMs }: { startedAt: string; responseTimeMs: number }): number {
  return new Date(startedAt).getTime() + responseTimeMs;
}

/** From the end of the last attempt to the next one. */
function waitOf({ nextAttemptAt, attempts }: DeliveryView): number {
  return new Date(nextAttemptAt!).getTime() - finishOf(attempts.at(-1)!);
}
