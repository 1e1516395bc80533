import { expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { startReceiver } from '../support/receiver.js';
import { setUp } from '../support/service.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const POINT = 'at succeeded failed averageResponseTimeMs';
const NO_RETRIES = { RETRY_SCHEDULE: '' };

it('counts finished deliveries, and tells the share that succeeded', async () => {
  await using setup = await setUp({ env: NO_RETRIES });
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const never = {
    total: 0,
    succeeded: 0,
    failed: 0,
    successRate: null,
    averageResponseTimeMs: null,
    p95ResponseTimeMs: null,
  };
  expect(await statsOf(api, id, 'LAST_30_DAYS')).toMatchObject({ successRate: null, stats: never });

  for (const status of [200, 204, 500, 299]) {
    receiver.answer({ status });
    await api.deliveryOf(await api.publishEvent('invoice.paid'), ({ completedAt }) => completedAt !== null);
  }
  receiver.answer({ status: 200 });
  const release = receiver.holdAnswers();
  await api.publishEvent('invoice.paid');
  await receiver.receive(5);

  for (const window of ['LAST_HOUR', 'LAST_24_HOURS', 'LAST_7_DAYS', 'LAST_30_DAYS']) {
    expect(await statsOf(api, id, window)).toMatchObject({
      successRate: 0.75,
      stats: { total: 4, succeeded: 3, failed: 1, successRate: 0.75 },
    });
  }
  expect((await api.endpoint(id))!.successRate).toBe(0.75);
  release();
});

it('looks back as far as the window says', async () => {
  const clock = clockAt('10:30');
  await using setup = await setUp({ clock });
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  const windows = ['LAST_HOUR', 'LAST_24_HOURS', 'LAST_7_DAYS', 'LAST_30_DAYS'];
  const totals = () => Promise.all(windows.map(async (window) => (await statsOf(api, id, window)).stats.total));
  const start = clock.nowMs;

  for (const [agoMs, expected] of [
    [50 * MINUTE_MS, [1, 1, 1, 1]],
    [66 * MINUTE_MS, [0, 1, 1, 1]],
    [DAY_MS - MINUTE_MS, [0, 1, 1, 1]],
    [DAY_MS + 6 * MINUTE_MS, [0, 0, 1, 1]],
    [7 * DAY_MS + 6 * MINUTE_MS, [0, 0, 0, 1]],
    [30 * DAY_MS + 6 * MINUTE_MS, [0, 0, 0, 0]],
  ] as const) {
    clock.nowMs = start + agoMs;
    expect({ agoMs, totals: await totals() }).toEqual({ agoMs, totals: expected });
  }
  expect((await api.endpoint(id))!.successRate).toBeNull();
});

it('averages the response times of what was answered, and finds the 95th percentile within a tenth', async () => {
  const closed = await startReceiver();
  await closed.close();
  await using setup = await setUp({ clock: clockAt('10:30'), env: NO_RETRIES });
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  receiver.answer((_request, _response, count) => ({ status: count % 2 ? 200 : 500, delayMs: 8 * count }));
  await api.publishEvents(Array(40).fill({ type: 'invoice.paid', data: {} }));
  const deliveries = await eventually('all deliveries finished', async () => {
    const all = await api.deliveries();
    return all.length === 40 && all.every(({ completedAt }) => completedAt !== null) && all;
  });
  const answered = deliveries.map(({ attempts }) => attempts[0]!.responseTimeMs).sort((a, b) => a - b);

  // Neither of these was answered by the endpoint to an event, so neither counts.
  await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });
  await api.updateEndpoint({ id, url: closed.url });
  await api.deliveryOf(await api.publishEvent('invoice.created'), ({ status }) => status === 'FAILED');

  const { stats } = await statsOf(api, id, 'LAST_HOUR');
  const mean = answered.reduce((sum, ms) => sum + ms, 0) / answered.length;
  const p95 = answered[Math.ceil(answered.length * 0.95) - 1]!;
  expect(stats.total).toBe(41);
  expect(stats.averageResponseTimeMs).toBeCloseTo(mean, 6);
  expect(stats.byHour.map(({ averageResponseTimeMs }) => averageResponseTimeMs)).toEqual([
    null,
    expect.closeTo(mean, 6),
  ]);
  expect(Math.abs(stats.p95ResponseTimeMs! - p95)).toBeLessThanOrEqual(p95 * 0.1);
});

it('gives a point for every hour or day in UTC, zeros included', async () => {
  const clock = clockAt('21:30');
  await using setup = await setUp({ clock, env: NO_RETRIES });
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  clock.nowMs += HOUR_MS;
  receiver.answer({ status: 500 });
  await api.deliveryOf(await api.publishEvent('invoice.paid'), ({ status }) => status === 'FAILED');
  clock.nowMs += 3 * HOUR_MS;
  receiver.answer({ status: 200 });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));

  const { stats } = await statsOf(api, id, 'LAST_24_HOURS');
  const hour = Math.floor(clock.nowMs / HOUR_MS) * HOUR_MS;
  const averageResponseTimeMs = expect.any(Number);
  const counts: Record<number, object> = {
    0: { succeeded: 1, averageResponseTimeMs },
    3: { failed: 1, averageResponseTimeMs },
    4: { succeeded: 1, averageResponseTimeMs },
  };
  expect(stats.byHour).toEqual(
    Array.from({ length: 25 }, (_, index) => ({
      at: new Date(hour - (24 - index) * HOUR_MS).toISOString(),
      succeeded: 0,
      failed: 0,
      averageResponseTimeMs: null,
      ...counts[24 - index],
    })),
  );
  const today = Math.floor(clock.nowMs / DAY_MS) * DAY_MS;
  expect(stats.byDay).toEqual([
    { at: new Date(today - DAY_MS).toISOString(), succeeded: 1, failed: 1, averageResponseTimeMs },
    { at: new Date(today).toISOString(), succeeded: 1, failed: 0, averageResponseTimeMs },
  ]);
  expect((await statsOf(api, id, 'LAST_7_DAYS')).stats.byDay).toHaveLength(8);
});

it('moves the count when a retry turns a failure into a success', async () => {
  const clock = clockAt('08:30');
  await using setup = await setUp({ clock, env: NO_RETRIES });
  const { api, receiver } = setup;
  receiver.answer({ status: 500 });
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  const failed = await api.deliveryOf(event, ({ status }) => status === 'FAILED');
  expect(await statsOf(api, id, 'LAST_24_HOURS')).toMatchObject({ successRate: 0, stats: { succeeded: 0, failed: 1 } });

  clock.nowMs += 2 * HOUR_MS;
  receiver.answer({ status: 200 });
  await api.retryDelivery(failed.id);
  await api.deliveryOf(event);

  const { stats } = await statsOf(api, id, 'LAST_24_HOURS');
  expect(stats).toMatchObject({ successRate: 1, succeeded: 1, failed: 0, total: 1 });
  expect(stats.byHour.slice(-3)).toMatchObject([{ failed: 0 }, { failed: 0 }, { failed: 0, succeeded: 1 }]);
});

it('tells the attempt that was made last, retries included, also when an earlier one ended after it', async () => {
  const clock = clockAt('11:59');
  clock.nowMs += MINUTE_MS - 100;
  await using setup = await setUp({ clock });
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const last = 'query ($id: ID!) { endpoint(id: $id) { lastDeliveryAt lastDelivery { id } } }';
  const expectLast = async (delivery: { id: string; attempts: { startedAt: string }[] }) => {
    const lastDelivery = { lastDeliveryAt: delivery.attempts.at(-1)!.startedAt, lastDelivery: { id: delivery.id } };
    expect(await api.request(last, { id })).toEqual({ endpoint: lastDelivery });
  };
  // The first ends after noon, the second was made after it and ends before.
  receiver.answer((_request, _response, count) => ({ delayMs: count === 1 ? 300 : 0 }));
  const slow = await api.publishEvent('invoice.paid');
  await receiver.receive(1);
  clock.nowMs += 1;
  const quick = await api.publishEvent('invoice.paid');
  const slowDelivery = await api.deliveryOf(slow);
  await expectLast(await api.deliveryOf(quick));

  clock.nowMs += MINUTE_MS;
  await api.retryDelivery(slowDelivery.id);
  await expectLast(await api.deliveryOf(slow, ({ attemptCount }) => attemptCount === 2));
});

it('takes an endpoint for failing after five failures in a row, until one succeeds', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '1h' } });
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const statusAfter = async (status: number) => {
    receiver.answer({ status });
    const expected = status < 300 ? 'SUCCEEDED' : 'RETRYING';
    await api.deliveryOf(await api.publishEvent('invoice.paid'), (delivery) => delivery.status === expected);
    return (await api.endpoint(id))!.status;
  };
  const statusesAfter = async (...statuses: number[]) => {
    const seen: string[] = [];
    for (const status of statuses) seen.push(await statusAfter(status));
    return seen.join(' ');
  };

  expect(await statusesAfter(500, 500, 500, 500, 200)).toBe('ACTIVE ACTIVE ACTIVE ACTIVE ACTIVE');
  expect(await statusesAfter(500, 302, 500, 404, 500, 500)).toBe('ACTIVE ACTIVE ACTIVE ACTIVE FAILING FAILING');
  expect(await statusesAfter(200, 500)).toBe('ACTIVE ACTIVE');
  expect((await api.endpoint(id))!.version).toBe(1);
});

it('reads a page of endpoints without looking at deliveries', async () => {
  await using setup = await setUp();
  const { api, receiver, database } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const { attempts } = await api.deliveryOf(await api.publishEvent('invoice.paid'));

  // Whoever looks at these tables now waits until the lock is released.
  await database.query('begin');
  await database.query('lock table webhooks.events, webhooks.deliveries, webhooks.attempts in access exclusive mode');
  const { nodes } = await api.page(
    'endpoints',
    {},
    'status successRate lastDeliveryAt stats { p95ResponseTimeMs total }',
  );
  await database.query('commit');

  expect(nodes).toMatchObject([
    { status: 'ACTIVE', successRate: 1, lastDeliveryAt: attempts[0]!.startedAt, stats: { total: 1 } },
  ]);
});

/** A clock that stands at this time of today, UTC, until it is moved. */
function clockAt(time: string) {
  const clock = { nowMs: Date.parse(`${new Date().toISOString().slice(0, 10)}T${time}:00Z`), now: () => clock.nowMs };
  return clock;
}

interface Point {
  at: string;
  succeeded: number;
  failed: number;
  averageResponseTimeMs: number | null;
}

interface StatsView {
  total: number;
  succeeded: number;
  failed: number;
  successRate: number | null;
  averageResponseTimeMs: number | null;
  p95ResponseTimeMs: number | null;
  byHour: Point[];
  byDay: Point[];
}

async function statsOf(
  api: ApiClient,
  id: string,
  window: string,
): Promise<{ successRate: number | null; stats: StatsView }> {
  const { endpoint } = await api.request<{ endpoint: { successRate: number | null; stats: StatsView } }>(
    `query ($id: ID!, $window: StatsWindow!) { endpoint(id: $id) { successRate(window: $window) stats(window: $window) {
      total succeeded failed successRate averageResponseTimeMs p95ResponseTimeMs
      byHour: series { ${POINT} } byDay: series(interval: DAY) { ${POINT} } } } }`,
    { id, window },
  );
  return endpoint;
}
