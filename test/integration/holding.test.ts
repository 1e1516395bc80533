import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { createLog } from '../../src/log.js';
import { serve } from '../../src/serve.js';
import type { ApiClient, EndpointView } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { type Setup, setUp, testEnvironment } from '../support/service.js';

const HOUR = '1h';

async function countHeld({ database }: Setup): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `select count(*)::int as count from webhooks.deliveries where status = 'HELD'`,
  );
  return row!.count;
}

async function heldCountOf(api: ApiClient, { id }: EndpointView): Promise<number> {
  return (await api.endpoint(id))!.heldCount;
}

describe('disabling an endpoint', () => {
  it('says so, as a new version, and changes nothing the second time', async () => {
    await using setup = await setUp();
    const { api, otherApi, receiver } = setup;
    const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });

    const first = await api.disableEndpoint(id);
    const second = await api.disableEndpoint(id);

    expect(first.endpoint).toMatchObject({ status: 'DISABLED', disabledReason: 'MANUAL', version: 2, heldCount: 0 });
    expect(first.endpoint!.disabledAt).not.toBeNull();
    expect(second).toEqual(first);
    expect((await otherApi.disableEndpoint(id)).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['id'] }]);
    expect((await api.enableEndpoint('ep_nonsense')).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['id'] }]);
  });

  it('holds what is published meanwhile, and delivers all of it, oldest first, once enabled', async () => {
    await using setup = await setUp({ env: { ENDPOINT_CONCURRENCY: '1' } });
    const { api, receiver } = setup;
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    await api.disableEndpoint(endpoint.id);
    const { results } = await api.publishEvents(
      Array.from({ length: 30 }, (_, number) => ({ type: 'invoice.paid', data: { number } })),
    );
    expect(results.every(({ deliveryCount }) => deliveryCount === 1)).toBe(true);
    const held = await api.deliveries({ endpointIds: [endpoint.id] });
    expect(held).toHaveLength(30);
    for (const delivery of held) expect(delivery).toMatchObject({ status: 'HELD', nextAttemptAt: null });
    expect(await heldCountOf(api, endpoint)).toBe(30);

    const { endpoint: enabled } = await api.enableEndpoint(endpoint.id);

    expect(enabled).toMatchObject({ status: 'ACTIVE', disabledReason: null, disabledAt: null, version: 3 });
    const requests = await receiver.receive(30);
    const numbers = requests.map(({ rawBody }) => JSON.parse(rawBody).data.number);
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, number) => number));
    await eventually('nothing held', async () => (await heldCountOf(api, endpoint)) === 0);
    expect(await countHeld(setup)).toBe(0);
  });

  it('holds what is retrying; enabling gives back its due time, and a fresh start to the counters', async () => {
    await using setup = await setUp({ env: { RETRY_SCHEDULE: HOUR } });
    const { api, receiver } = setup;
    receiver.answer({ status: 500 });
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    const events = [];
    for (let count = 0; count < 5; count += 1) events.push(await api.publishEvent('invoice.paid'));
    const retrying = await api.deliveryOf(events[0]!, ({ status }) => status === 'RETRYING');
    await eventually('a failing endpoint', async () => (await api.endpoint(endpoint.id))!.status === 'FAILING');

    await api.disableEndpoint(endpoint.id);
    const held = await api.deliveryOf(events[0]!, ({ status }) => status === 'HELD');
    expect(held).toMatchObject({ nextAttemptAt: null, attemptCount: 1, completedAt: null });
    expect(held.version).toBeGreaterThan(retrying.version);
    const { endpoint: enabled } = await api.enableEndpoint(endpoint.id);

    expect(enabled).toMatchObject({ status: 'ACTIVE', heldCount: 0 });
    const released = await api.deliveryOf(events[0]!, ({ status }) => status === 'RETRYING');
    expect(released.nextAttemptAt).toBe(retrying.nextAttemptAt);
    expect(receiver.requests).toHaveLength(5);
  });

  it('starts no attempt of what was queued, nor of what comes due meanwhile', async () => {
    await using setup = await setUp({ env: { RETRY_SCHEDULE: '1s,1s' } });
    const { api, receiver, database } = setup;
    receiver.answer({ status: 500 });
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    const event = await api.publishEvent('invoice.paid');
    await api.deliveryOf(event, ({ status }) => status === 'RETRYING');

    await api.disableEndpoint(endpoint.id);

    await eventually('the due job gone', async () => {
      return (await database.query('select from webhooks_queue.job')).length === 0;
    });
    expect(receiver.requests).toHaveLength(1);
    receiver.answer({ status: 200 });
    await api.enableEndpoint(endpoint.id);
    expect((await api.deliveryOf(event)).attempts).toMatchObject([
      { number: 1, outcome: 'HTTP_ERROR' },
      { number: 2, trigger: 'SCHEDULED', outcome: 'SUCCEEDED' },
    ]);
  });

  it('lets an attempt in flight finish: a failure uses up its place in the schedule, a success ends the delivery', async () => {
    await using setup = await setUp({ env: { RETRY_SCHEDULE: '1h,1h' } });
    const { api, receiver } = setup;
    receiver.answer(({ rawBody }) => ({ status: JSON.parse(rawBody).data.status }));
    const release = receiver.holdAnswers();
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    const failing = await api.publishEvent('invoice.paid', { status: 500 });
    const succeeding = await api.publishEvent('invoice.paid', { status: 200 });
    await receiver.receive(2);
    await api.disableEndpoint(endpoint.id);
    await api.deliveryOf(failing, ({ status }) => status === 'HELD');

    release();

    const failed = await api.deliveryOf(failing, ({ attemptCount }) => attemptCount === 1);
    expect(failed).toMatchObject({ status: 'HELD', nextAttemptAt: null });
    expect(await api.deliveryOf(succeeding)).toMatchObject({ status: 'SUCCEEDED', attemptCount: 1 });
    expect(await heldCountOf(api, endpoint)).toBe(1);
    await api.enableEndpoint(endpoint.id);
    const retrying = await api.deliveryOf(failing, ({ status }) => status === 'RETRYING');
    const waitMs = Date.parse(retrying.nextAttemptAt!) - Date.parse(retrying.attempts[0]!.startedAt);
    expect(waitMs).toBeGreaterThanOrEqual(3_600_000);
    expect(receiver.requests).toHaveLength(2);
  });

  it('and enabling while an attempt is in flight sends nothing twice', async () => {
    await using setup = await setUp({ env: { RETRY_SCHEDULE: HOUR } });
    const { api, receiver } = setup;
    receiver.answer({ status: 500 });
    const release = receiver.holdAnswers();
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    const event = await api.publishEvent('invoice.paid');
    await receiver.receive(1);
    await api.disableEndpoint(endpoint.id);
    await api.enableEndpoint(endpoint.id);
    expect(await api.deliveryOf(event, () => true)).toMatchObject({ status: 'PENDING' });

    release();

    const retrying = await api.deliveryOf(event, ({ status }) => status === 'RETRYING');
    expect(retrying).toMatchObject({ attemptCount: 1 });
    expect(receiver.requests).toHaveLength(1);
  });

  it('leaves test events alone, refuses manual retries, and deletes like any other', async () => {
    await using setup = await setUp();
    const { api, receiver } = setup;
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    await api.disableEndpoint(endpoint.id);
    const event = await api.publishEvent('invoice.paid');
    const [held] = await api.deliveries({ eventId: event.id });

    const sent = await api.sendTestEvent({ endpointId: endpoint.id, type: 'invoice.paid' });

    expect(sent.delivery).toMatchObject({ status: 'SUCCEEDED' });
    const retried = await api.retryDelivery(held!.id);
    expect(retried.userErrors).toMatchObject([{ code: 'ENDPOINT_DISABLED', field: ['id'] }]);
    await api.deleteEndpoint(endpoint.id);
    expect(await api.deliveries()).toEqual([]);
    await eventually('its rows gone', async () => (await countHeld(setup)) === 0);
    expect(receiver.requests).toHaveLength(1);
  });

  it('holds a backlog of thousands in the background, and releases it so; others are not disturbed', async () => {
    await using setup = await setUp();
    const { api, receiver, database } = setup;
    const endpoint = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
    const other = await api.createEndpoint({ url: receiver.url, eventTypes: ['customer.created'] });
    await api.disableEndpoint(endpoint.id);
    const count = 5_000;
    for (let start = 0; start < count; start += 1_000) {
      await api.publishEvents(Array.from({ length: 1_000 }, () => ({ type: 'invoice.paid', data: {} })));
    }
    expect(await heldCountOf(api, endpoint)).toBe(count);

    await api.enableEndpoint(endpoint.id);
    await api.disableEndpoint(endpoint.id);
    const beside = await api.publishEvent('customer.created');
    await api.deliveryOf(beside, undefined, other.id);
    await eventually('all of it held or delivered, and nothing in flight', async () => {
      const [row] = await database.query<{ open: number }>(
        `select count(*)::int as open from webhooks.deliveries
          where status in ('PENDING', 'RETRYING') or job_id is not null`,
      );
      return row!.open === 0;
    });
    expect(await heldCountOf(api, endpoint)).toBe(await countHeld(setup));
    expect(await countHeld(setup)).toBeGreaterThan(count / 2);

    await api.enableEndpoint(endpoint.id);
    await eventually(
      'all of it delivered',
      async () => {
        const { totalCount } = await api.page('deliveries', { filter: { statuses: ['SUCCEEDED'] }, first: 1 });
        return totalCount === count + 1;
      },
      60_000,
    );
    expect(await heldCountOf(api, endpoint)).toBe(0);
    const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(count + 1);
    expect(ids).toHaveLength(count + 1);
  }, 120_000);
});

it('is taken up by the next dispatcher, however long ago the endpoint was disabled', async () => {
  await using setup = await setUp({ env: { ROLES: 'api' } });
  const { api, receiver, database } = setup;
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.publishEvents(Array.from({ length: 1_000 }, () => ({ type: 'invoice.paid', data: {} })));
  await api.publishEvents(Array.from({ length: 500 }, () => ({ type: 'invoice.paid', data: {} })));
  const { endpoint: disabled } = await api.disableEndpoint(endpoint.id);
  expect(disabled!.heldCount).toBe(1_000);
  await database.query(`update webhooks.endpoints set disabled_at = disabled_at - interval '1 hour'`);

  const environment = { ...testEnvironment(database.url), ROLES: 'dispatcher' };
  const dispatcher = await serve({ config: readConfig(environment), log: createLog({ level: 'warn' }) });
  await using _ = { [Symbol.asyncDispose]: () => dispatcher.stop() };

  await eventually('all of it held', async () => (await heldCountOf(api, endpoint)) === 1_500);
  expect(await countHeld(setup)).toBe(1_500);
});

describe('an endpoint that answers 410', () => {
  it('is disabled as GONE, and its deliveries held with the next due time', async () => {
    await using setup = await setUp({ env: { RETRY_SCHEDULE: HOUR } });
    const { api, receiver } = setup;
    receiver.answer({ status: 410 });
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });

    const event = await api.publishEvent('invoice.paid');

    const held = await api.deliveryOf(event, ({ status }) => status === 'HELD');
    expect(held).toMatchObject({
      attemptCount: 1,
      nextAttemptAt: null,
      attempts: [{ outcome: 'HTTP_ERROR', responseStatusCode: 410 }],
    });
    expect(await api.endpoint(endpoint.id)).toMatchObject({
      status: 'DISABLED',
      disabledReason: 'GONE',
      heldCount: 1,
      version: endpoint.version,
    });
    receiver.answer({ status: 200 });
    await api.enableEndpoint(endpoint.id);
    const retrying = await api.deliveryOf(event, ({ status }) => status === 'RETRYING');
    expect(Date.parse(retrying.nextAttemptAt!)).toBeGreaterThan(Date.now() + 3_000_000);
  });

  it('fails a delivery whose schedule is used up, and is disabled all the same', async () => {
    await using setup = await setUp({ env: { RETRY_SCHEDULE: '' } });
    const { api, receiver } = setup;
    receiver.answer({ status: 410 });
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });

    const event = await api.publishEvent('invoice.paid');

    await api.deliveryOf(event, ({ status }) => status === 'FAILED');
    expect(await api.endpoint(endpoint.id)).toMatchObject({ disabledReason: 'GONE', heldCount: 0 });
  });

  it('keeps the status of a finished delivery that was retried by hand, and is not disabled by a test event', async () => {
    await using setup = await setUp();
    const { api, receiver } = setup;
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    const delivered = await api.deliveryOf(await api.publishEvent('invoice.paid'));
    receiver.answer({ status: 410 });

    const sent = await api.sendTestEvent({ endpointId: endpoint.id, type: 'invoice.paid' });
    expect(sent.delivery).toMatchObject({ status: 'FAILED' });
    expect(await api.endpoint(endpoint.id)).toMatchObject({ status: 'ACTIVE' });
    await api.retryDelivery(delivered.id);

    await eventually('the attempt', async () => (await api.delivery(delivered.id))!.attemptCount === 2);
    expect(await api.delivery(delivered.id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await api.endpoint(endpoint.id)).toMatchObject({ disabledReason: 'GONE', heldCount: 0 });
  });

  it('is not disabled by what was sent before a person changed it', async () => {
    await using setup = await setUp({ env: { RETRY_SCHEDULE: HOUR } });
    const { api, receiver } = setup;
    receiver.answer({ status: 410 });
    const release = receiver.holdAnswers();
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    const event = await api.publishEvent('invoice.paid');
    await receiver.receive(1);
    await api.updateEndpoint({ id: endpoint.id, description: 'Moved' });

    release();

    await api.deliveryOf(event, ({ status }) => status === 'RETRYING');
    expect(await api.endpoint(endpoint.id)).toMatchObject({ status: 'ACTIVE', disabledReason: null });
  });
});

it('disables an endpoint on which everything failed for longer than the operator allows', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '100ms,100ms,100ms,1s,1s,1h', AUTO_DISABLE_AFTER: '1s' } });
  const { api, receiver } = setup;
  receiver.answer({ status: 500 });
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });

  const event = await api.publishEvent('invoice.paid');

  await api.deliveryOf(event, ({ status }) => status === 'HELD');
  expect(await api.endpoint(endpoint.id)).toMatchObject({ disabledReason: 'FAILING_TOO_LONG', heldCount: 1 });
});

it('answers each mutation of a request with what it left behind', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.disableEndpoint(id);
  await api.publishEvent('invoice.paid');

  const state = 'endpoint { status heldCount }';
  const { enabled, disabled } = await api.request<Record<string, { endpoint: object }>>(
    `mutation ($id: ID!) {
      still: disableEndpoint(id: $id) { ${state} }
      enabled: enableEndpoint(id: $id) { ${state} }
      disabled: disableEndpoint(id: $id) { ${state} } }`,
    { id },
  );

  expect(enabled!.endpoint).toEqual({ status: 'ACTIVE', heldCount: 0 });
  expect(disabled!.endpoint).toMatchObject({ status: 'DISABLED' });
});
