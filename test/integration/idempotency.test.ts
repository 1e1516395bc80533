import { expect, it } from '@jest/globals';
import { setUp } from '../support/service.js';

const DAY_MS = 24 * 3_600_000;
const INPUT = { type: 'invoice.paid', data: { total: 100, currency: 'EUR' }, idempotencyKey: 'invoice-1' };

it('answers a key that comes again with the first event, and sends nothing', async () => {
  await using setup = await setUp();
  const { api, receiver, database } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
  const first = await api.tryToPublish(INPUT);
  expect(first).toMatchObject({ deliveryCount: 2, duplicate: false });
  await receiver.receive(2);
  await api.createEndpoint({ url: receiver.url, allEvents: true });

  const again = await api.tryToPublish(INPUT);

  expect(again).toEqual({ ...first, duplicate: true });
  const { nodes } = await api.page('events', {}, 'id idempotencyKey');
  expect(nodes).toEqual([{ id: first.event!.id, idempotencyKey: 'invoice-1' }]);
  expect(await database.query('select from webhooks.deliveries')).toHaveLength(2);
  expect(receiver.requests).toHaveLength(2);
});

it('refuses a key that comes again with another type or other data', async () => {
  await using setup = await setUp();
  const { api } = setup;
  await api.tryToPublish(INPUT);

  for (const change of [
    { type: 'invoice.created' },
    { data: { total: 101, currency: 'EUR' } },
    // The same to a person, but not the same bytes.
    { data: { currency: 'EUR', total: 100 } },
  ]) {
    expect(await api.tryToPublish({ ...INPUT, ...change })).toEqual({
      event: null,
      deliveryCount: 0,
      duplicate: false,
      userErrors: [{ field: ['input', 'idempotencyKey'], code: 'IDEMPOTENCY_CONFLICT', message: expect.any(String) }],
    });
  }

  expect((await api.page('events')).nodes).toHaveLength(1);
});

it('takes a key twice in one call for a duplicate when all is equal, else for a conflict', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const { event: earlier } = await api.tryToPublish({ ...INPUT, idempotencyKey: 'earlier' });

  const { results } = await api.publishEvents([
    INPUT,
    { ...INPUT, idempotencyKey: null },
    { ...INPUT, idempotencyKey: 'earlier' },
    INPUT,
  ]);
  expect(results.map(({ duplicate }) => duplicate)).toEqual([false, false, true, true]);
  expect(results.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1, 1, 1]);
  expect(results[2]!.event).toEqual(earlier);
  expect(results[3]!.event).toEqual(results[0]!.event);
  expect(results[1]!.event!.id).not.toBe(results[0]!.event!.id);

  const unequal = { ...INPUT, idempotencyKey: 'invoice-2' };
  expect(
    await api.publishEvents([{ ...unequal, idempotencyKey: 'invoice-3' }, unequal, { ...unequal, data: 1 }]),
  ).toEqual({
    results: [],
    userErrors: [
      { field: ['input', '2', 'idempotencyKey'], code: 'IDEMPOTENCY_CONFLICT', message: expect.any(String) },
    ],
  });
  expect((await api.page('events')).nodes).toHaveLength(3);
  // Nothing of the refused call stays behind, so its keys are free.
  expect(await api.tryToPublish({ ...unequal, data: 1 })).toMatchObject({ duplicate: false, userErrors: [] });
});

it('publishes once, however many send the same key at the same moment', async () => {
  await using setup = await setUp();
  const { api, receiver, database } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });

  const results = await Promise.all(Array.from({ length: 50 }, () => api.tryToPublish(INPUT)));

  expect(new Set(results.map(({ event }) => event!.id)).size).toBe(1);
  expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  expect(new Set(results.map(({ deliveryCount }) => deliveryCount))).toEqual(new Set([1]));
  expect(await database.query('select from webhooks.events')).toHaveLength(1);
  expect(await database.query('select from webhooks.deliveries')).toHaveLength(1);
});

it('lets one win when the same key comes with different data at the same moment', async () => {
  await using setup = await setUp();
  const { api, database } = setup;

  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) => api.tryToPublish({ ...INPUT, data: { index } })),
  );

  expect(results.filter(({ event }) => event)).toHaveLength(1);
  for (const { userErrors } of results.filter(({ event }) => !event)) {
    expect(userErrors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT' }]);
  }
  expect(await database.query('select from webhooks.events')).toHaveLength(1);
});

it('frees a key after 24 hours', async () => {
  const clock = { nowMs: Date.now(), now: () => clock.nowMs };
  await using setup = await setUp({ clock });
  const { api } = setup;
  const first = await api.tryToPublish(INPUT);

  clock.nowMs += DAY_MS - 1;
  expect(await api.tryToPublish(INPUT)).toEqual({ ...first, duplicate: true });

  clock.nowMs += 1;
  const next = await api.tryToPublish({ ...INPUT, data: 'something else' });
  expect(next).toMatchObject({ duplicate: false, userErrors: [] });
  expect(next.event!.id).not.toBe(first.event!.id);

  clock.nowMs += DAY_MS - 1;
  expect(await api.tryToPublish(INPUT)).toMatchObject({ userErrors: [{ code: 'IDEMPOTENCY_CONFLICT' }] });
});

it('keeps the keys of accounts apart', async () => {
  await using setup = await setUp();
  const { api, otherApi } = setup;
  const mine = await api.tryToPublish(INPUT);

  const theirs = await otherApi.tryToPublish({ ...INPUT, data: 'theirs' });

  expect(theirs).toMatchObject({ duplicate: false, userErrors: [] });
  expect(await api.tryToPublish(INPUT)).toEqual({ ...mine, duplicate: true });
});

it('takes any text of 1 to 255 characters for a key', async () => {
  await using setup = await setUp();
  const { api } = setup;

  for (const idempotencyKey of [' ', 'k'.repeat(255), 'ключ 🔑 \n\t"\'\\']) {
    expect(await api.tryToPublish({ ...INPUT, idempotencyKey })).toMatchObject({ duplicate: false, userErrors: [] });
    expect(await api.tryToPublish({ ...INPUT, idempotencyKey })).toMatchObject({ duplicate: true });
  }

  for (const [idempotencyKey, code] of [
    ['', 'INVALID'],
    ['a\0b', 'INVALID'],
    // Half of a character: PostgreSQL could not store it as it is.
    ['\ud83d', 'INVALID'],
    ['k'.repeat(256), 'TOO_LONG'],
  ]) {
    const { event, userErrors } = await api.tryToPublish({ ...INPUT, idempotencyKey });
    expect(event).toBeNull();
    expect(userErrors).toEqual([{ field: ['input', 'idempotencyKey'], code, message: expect.any(String) }]);
  }
});
