import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EndpointView } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { type Setup, setUp } from '../support/service.js';

const MINUTE_MS = 60_000;
const clock = { nowMs: Date.now(), now: () => clock.nowMs };

let setup: Setup;

beforeAll(async () => {
  setup = await setUp({ clock, env: { RETRY_SCHEDULE: '', AUTO_DISABLE_AFTER: '2h' } });
});

afterAll(async () => {
  await setup?.[Symbol.asyncDispose]();
});

/** Publishes an event that only this endpoint gets, and waits for how its one attempt ends. Answers the delivery's id. */
async function attempt({ api, receiver }: Setup, { id, eventTypes }: EndpointView, status: number): Promise<string> {
  receiver.answer({ status });
  const event = await api.publishEvent(eventTypes[0]!);
  const expected = status < 300 ? 'SUCCEEDED' : 'FAILED';
  return (await api.deliveryOf(event, (delivery) => delivery.status === expected, id)).id;
}

it('disables an endpoint on which everything failed for so long, and says why; no other', async () => {
  const { api, receiver } = setup;
  const types = ['invoice.paid', 'payment.failed', 'customer.created', 'chargeback.lost', 'invoice.created'];
  const [allFailed, succeeded, retried, tested, notLongEnough] = (await Promise.all(
    types.map((type) => api.createEndpoint({ url: receiver.url, eventTypes: [type] })),
  )) as unknown as [EndpointView, EndpointView, EndpointView, EndpointView, EndpointView];
  const failedId = await attempt(setup, retried, 500);
  for (const endpoint of [allFailed, succeeded]) await attempt(setup, endpoint, 500);
  receiver.answer({ status: 500 });
  await api.sendTestEvent({ endpointId: tested.id, type: 'invoice.paid' });
  clock.nowMs += MINUTE_MS;
  await attempt(setup, notLongEnough, 500);
  clock.nowMs += 59 * MINUTE_MS;

  await attempt(setup, succeeded, 200);
  receiver.answer({ status: 200 });
  await api.retryDelivery(failedId);
  await eventually('retried', async () => (await api.delivery(failedId))?.status === 'SUCCEEDED');
  receiver.answer({ status: 200 });
  await api.sendTestEvent({ endpointId: allFailed.id, type: 'invoice.paid' });
  clock.nowMs += 60 * MINUTE_MS;
  for (const endpoint of [succeeded, retried, notLongEnough]) await attempt(setup, endpoint, 500);
  await api.sendTestEvent({ endpointId: tested.id, type: 'invoice.paid' });
  // The last: whatever it is disabled with has been looked at together with it.
  await attempt(setup, allFailed, 500);

  const disabled = await eventually('disabled', async () => {
    const endpoint = await api.endpoint(allFailed.id);
    return endpoint?.status === 'DISABLED' && endpoint;
  });
  expect(disabled).toMatchObject({
    disabledReason: 'FAILING_TOO_LONG',
    disabledAt: new Date(clock.nowMs).toISOString(),
  });
  const others = await Promise.all([succeeded, retried, notLongEnough, tested].map(({ id }) => api.endpoint(id)));
  expect(others.map((one) => [one!.status, one!.disabledReason])).toEqual([
    ['FAILING', null],
    ['FAILING', null],
    ['FAILING', null],
    ['ACTIVE', null],
  ]);

  clock.nowMs += MINUTE_MS;
  await attempt(setup, notLongEnough, 500);

  await eventually('disabled too', async () => (await api.endpoint(notLongEnough.id))?.status === 'DISABLED');
  const { endpoint: enabled } = await api.enableEndpoint(allFailed.id);
  expect(enabled).toMatchObject({ status: 'ACTIVE', disabledReason: null, disabledAt: null });
});

it('never does when that is switched off', async () => {
  await using off = await setUp({ clock, env: { RETRY_SCHEDULE: '', AUTO_DISABLE_AFTER: 'off' } });
  const { api, receiver } = off;
  const endpoint = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
  await attempt(off, endpoint, 500);
  clock.nowMs += 5 * 24 * 60 * MINUTE_MS;
  await attempt(off, endpoint, 500);

  // What else is done every second is done twice.
  for (let round = 0; round < 2; round += 1) {
    const { bulkRetry } = await api.retryDeliveries({ filter: { endpointIds: [endpoint.id] } });
    await eventually('another second', async () => (await api.bulkRetry(bulkRetry!.id))?.status === 'COMPLETED');
  }

  expect(await api.endpoint(endpoint.id)).toMatchObject({ status: 'FAILING', disabledReason: null });
});
