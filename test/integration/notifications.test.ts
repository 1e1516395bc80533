import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ApiClient, DeliveryView, EndpointView } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { LiveClient } from '../support/live.js';
import { type Setup, setUp } from '../support/service.js';

const TYPES = ['endpoint.failing', 'endpoint.recovered', 'endpoint.disabled', 'delivery.failed'];

/** What notifications carry, in the words of the API. */
const ENDPOINT = 'id url description status disabledReason disabledAt';
const DELIVERY = `id status attemptCount nextAttemptAt createdAt completedAt event { id type }
  lastAttempt { number outcome responseStatusCode error startedAt }`;

const HOUR_MS = 3_600_000;
const clock = { nowMs: Date.now(), now: () => clock.nowMs };

/** An account for each test, so that nobody else's endpoints hear of what happens in it. */
const keys = Array.from({ length: 12 }, (_, index) => `key-of-account-number-${index}`);

let setup: Setup;
/** What each path answers to which type of event; 200 unless it is here. */
const answers = new Map<string, (type: string) => number>();

beforeAll(async () => {
  const accounts = keys.map((key, index) => `account-${index}=${key}`).join(',');
  setup = await setUp({ clock, env: { RETRY_SCHEDULE: '', AUTO_DISABLE_AFTER: '2h', BOOTSTRAP_API_KEY: accounts } });
  setup.receiver.answer(({ path, headers }) => {
    return { status: answers.get(path)?.(String(headers['x-revkeen-event'])) ?? 200 };
  });
});

afterAll(async () => {
  await setup?.[Symbol.asyncDispose]();
});

/** A customer with an account of their own, and what they would look at. */
class Customer {
  readonly api: ApiClient;

  constructor() {
    this.api = setup.api.as(keys.pop()!);
  }

  async create(input: object): Promise<EndpointView> {
    return this.api.createEndpoint({ url: `${setup.receiver.url}/${crypto.randomUUID()}`, ...input });
  }

  /** Publishes an event, and waits until this endpoint has had it, or not. */
  async publishTo({ id }: EndpointView, type = 'invoice.paid'): Promise<DeliveryView> {
    return this.api.deliveryOf(await this.api.publishEvent(type), isOver, id);
  }

  /** What an endpoint was or is to be told by the service itself, oldest first. Whatever caused it is on record by then. */
  async toldTo({ id }: EndpointView): Promise<DeliveryView[]> {
    return (await this.api.deliveries({ endpointIds: [id], eventTypes: TYPES })).reverse();
  }

  /** The `data` of an event. */
  async dataOf({ event }: DeliveryView): Promise<Record<string, unknown>> {
    const query = 'query ($id: ID!) { event(id: $id) { data } }';
    const answer = await this.api.request<{ event: { data: Record<string, unknown> } }>(query, { id: event.id });
    return answer.event.data;
  }
}

function answer({ url }: EndpointView, status: number | ((type: string) => number)): void {
  answers.set(new URL(url).pathname, typeof status === 'number' ? () => status : status);
}

function isOver({ status }: DeliveryView): boolean {
  return status === 'FAILED' || status === 'SUCCEEDED';
}

function typesOf(deliveries: readonly DeliveryView[]): string[] {
  return deliveries.map(({ event }) => event.type);
}

it('tells of a delivery that failed, of its endpoint that fails, and that it recovered, in the words of the API', async () => {
  const customer = new Customer();
  const { api } = customer;
  const subject = await customer.create({
    allEvents: true,
    description: 'Order system',
    headers: [{ name: 'x-token', value: 'not-to-be-told', secret: true }],
  });
  const watcher = await customer.create({ eventTypes: TYPES });
  const readEndpoint = `query ($id: ID!) { endpoint(id: $id) { ${ENDPOINT} lastDelivery { ${DELIVERY} } } }`;
  answer(subject, 503);

  const { id } = await customer.publishTo(subject);

  const [failed, failing, ...more] = await customer.toldTo(watcher);
  expect(typesOf([failed!, failing!])).toEqual(['delivery.failed', 'endpoint.failing']);
  expect(more).toEqual([]);
  const query = `query ($id: ID!) { delivery(id: $id) { ${DELIVERY} endpoint { ${ENDPOINT} } } }`;
  const { delivery } = await api.request<{ delivery: object }>(query, { id });
  const failedData = await customer.dataOf(failed!);
  expect(failedData).toEqual(delivery);
  expect(failedData).toMatchObject({
    status: 'FAILED',
    attemptCount: 1,
    event: { type: 'invoice.paid' },
    endpoint: { id: subject.id, url: subject.url, status: 'FAILING' },
    lastAttempt: { outcome: 'HTTP_ERROR', responseStatusCode: 503 },
  });
  const failingData = await customer.dataOf(failing!);
  expect({ endpoint: failingData }).toEqual(await api.request(readEndpoint, { id: subject.id }));
  expect(failingData).toMatchObject({ id: subject.id, status: 'FAILING', lastDelivery: { id } });

  // It goes on failing, which is nothing new; then it recovers, which it does once.
  await customer.publishTo(subject);
  answer(subject, 200);
  await customer.publishTo(subject);
  const recovered = (await customer.toldTo(watcher)).at(-1)!;
  expect({ endpoint: await customer.dataOf(recovered) }).toEqual(await api.request(readEndpoint, { id: subject.id }));
  await customer.publishTo(subject);

  const told = await customer.toldTo(watcher);
  expect(typesOf(told)).toEqual(['delivery.failed', 'endpoint.failing', 'delivery.failed', 'endpoint.recovered']);
  expect(await customer.dataOf(recovered)).toMatchObject({ id: subject.id, status: 'ACTIVE' });
  expect(await customer.toldTo(subject)).toEqual([]);
  const data = await Promise.all(told.map((one) => customer.dataOf(one)));
  expect(JSON.stringify(data)).not.toContain('not-to-be-told');
});

it('samples look like what is told', async () => {
  const customer = new Customer();
  const { api } = customer;
  const subject = await customer.create({ eventTypes: ['invoice.paid'] });
  const watcher = await customer.create({ eventTypes: TYPES });
  answer(subject, 500);
  await customer.publishTo(subject);
  answer(subject, 200);
  await customer.publishTo(subject);
  await api.disableEndpoint(subject.id);

  const told = await customer.toldTo(watcher);

  const { eventTypes } = await api.request<{ eventTypes: { name: string; sampleData: object }[] }>(
    '{ eventTypes { name sampleData } }',
  );
  expect(new Set(typesOf(told))).toEqual(new Set(TYPES));
  for (const one of told) {
    const { sampleData } = eventTypes.find(({ name }) => name === one.event.type)!;
    expect(keysWithin(await customer.dataOf(one))).toEqual(keysWithin(sampleData));
  }
});

it('tells of an endpoint that fails five times in a row while its delivery goes on', async () => {
  const customer = new Customer();
  const subject = await customer.create({ eventTypes: ['invoice.paid'], retryScheduleSeconds: [0, 0, 0, 0, 3_600] });
  const watcher = await customer.create({ allEvents: true });
  answer(subject, 500);

  const event = await customer.api.publishEvent('invoice.paid');
  await customer.api.deliveryOf(event, ({ attemptCount }) => attemptCount === 5, subject.id);

  const told = await customer.toldTo(watcher);
  expect(typesOf(told)).toEqual(['endpoint.failing']);
  expect(await customer.dataOf(told[0]!)).toMatchObject({
    id: subject.id,
    status: 'FAILING',
    lastDelivery: { status: 'RETRYING', attemptCount: 5, nextAttemptAt: expect.any(String), completedAt: null },
  });
});

it('tells of an endpoint that is disabled, and why', async () => {
  const customer = new Customer();
  const { api } = customer;
  const watcher = await customer.create({ eventTypes: ['endpoint.disabled'] });
  const [byHand, alsoByHand, gone, forTooLong] = [
    await customer.create({ allEvents: true }),
    await customer.create({ eventTypes: ['chargeback.won'] }),
    await customer.create({ eventTypes: ['customer.created'] }),
    await customer.create({ eventTypes: ['invoice.created'] }),
  ];
  for (const { id } of [byHand, byHand, alsoByHand]) await api.disableEndpoint(id);
  answer(gone, 410);
  await customer.publishTo(gone, 'customer.created');
  answer(forTooLong, 500);
  await customer.publishTo(forTooLong, 'invoice.created');
  clock.nowMs += 2 * HOUR_MS;
  await customer.publishTo(forTooLong, 'invoice.created');
  await eventually('disabled', async () => (await api.endpoint(forTooLong.id))!.status === 'DISABLED');

  const told = await customer.toldTo(watcher);

  const data = await Promise.all(told.map((one) => customer.dataOf(one)));
  expect(data.map(({ id, status, disabledReason }) => [id, status, disabledReason])).toEqual([
    [byHand.id, 'DISABLED', 'MANUAL'],
    [alsoByHand.id, 'DISABLED', 'MANUAL'],
    [gone.id, 'DISABLED', 'GONE'],
    [forTooLong.id, 'DISABLED', 'FAILING_TOO_LONG'],
  ]);
  for (const { id, disabledAt } of data) expect(disabledAt).toBe((await api.endpoint(String(id)))!.disabledAt);
  // The one that was switched off hears of the others when it is on again, and of itself never.
  expect(typesOf(await customer.toldTo(byHand))).toEqual([
    'endpoint.disabled',
    'delivery.failed',
    'endpoint.disabled',
    'delivery.failed',
    'endpoint.failing',
    'delivery.failed',
    'endpoint.disabled',
  ]);
  expect((await api.endpoint(byHand.id))!.heldCount).toBe(3 + 7);
  await api.enableEndpoint(byHand.id);
  await eventually('all delivered', async () => {
    return (await api.deliveries({ endpointIds: [byHand.id] })).every(({ status }) => status === 'SUCCEEDED');
  });
  expect(await customer.toldTo(watcher)).toHaveLength(4);
});

it('never loops: of two endpoints that fail and are subscribed to everything, each hears of the other, once', async () => {
  const customer = new Customer();
  const { api } = customer;
  const both = [await customer.create({ allEvents: true }), await customer.create({ allEvents: true })];
  for (const one of both) answer(one, 500);

  for (let count = 0; count < 3; count += 1) await api.publishEvent('invoice.paid');

  const perEndpoint = ['delivery.failed', 'delivery.failed', 'delivery.failed', 'endpoint.failing'];
  // Each change is announced with what made it: once nothing is open, nothing more can come.
  const settled = async () => {
    const deliveries = await api.deliveries({});
    return deliveries.length >= 6 && deliveries.every(isOver);
  };
  await eventually('nothing is open', settled);
  for (const one of both) expect(typesOf(await customer.toldTo(one)).sort()).toEqual(perEndpoint);
  expect(await api.deliveries({})).toHaveLength(6 + 8);
  expect((await api.page('events')).nodes).toHaveLength(3 + 8);

  // Nor does what is tried again by hand, whatever comes of it.
  const [again] = await customer.toldTo(both[0]!);
  await api.retryDelivery(again!.id);
  await eventually('tried again', async () => (await api.delivery(again!.id))!.attemptCount === 2);
  answer(both[0]!, 200);
  await api.retryDelivery(again!.id);
  await eventually('has arrived', async () => (await api.delivery(again!.id))!.status === 'SUCCEEDED');
  expect(await api.deliveries({})).toHaveLength(6 + 8);

  for (const one of both) answer(one, 200);
  await api.publishEvent('invoice.paid');
  await eventually('nothing is open', settled);
  for (const one of both) {
    expect(typesOf(await customer.toldTo(one)).sort()).toEqual([...perEndpoint, 'endpoint.recovered']);
  }
});

it('tells nothing of what a notification brought about, until something else finds it so', async () => {
  const customer = new Customer();
  const { api } = customer;
  const watcher = await customer.create({ allEvents: true });
  const deaf = await customer.create({ eventTypes: ['delivery.failed', 'customer.created'] });
  const gone = await customer.create({ eventTypes: ['delivery.failed'] });
  const subject = await customer.create({ eventTypes: ['invoice.paid'] });
  answer(subject, 500);
  answer(deaf, 500);
  answer(gone, 410);

  await customer.publishTo(subject);
  await eventually('both have had the notification', async () => {
    const endpoints = await Promise.all([deaf, gone].map(({ id }) => api.endpoint(id)));
    return endpoints[0]!.status === 'FAILING' && endpoints[1]!.disabledReason === 'GONE';
  });
  expect(typesOf(await customer.toldTo(watcher))).toEqual(['delivery.failed', 'endpoint.failing']);

  await customer.publishTo(deaf, 'customer.created');
  expect(typesOf((await customer.toldTo(watcher)).slice(2))).toEqual(['delivery.failed', 'endpoint.failing']);

  // A notification makes it ACTIVE, which nobody is told before something else arrives as well.
  answer(deaf, 200);
  await customer.publishTo(subject);
  await eventually('it answers', async () => (await api.endpoint(deaf.id))!.status === 'ACTIVE');
  expect(typesOf((await customer.toldTo(watcher)).slice(4))).toEqual(['delivery.failed']);
  await customer.publishTo(deaf, 'customer.created');
  const recovered = (await customer.toldTo(watcher)).slice(5);
  expect(typesOf(recovered)).toEqual(['endpoint.recovered']);
  expect(await customer.dataOf(recovered[0]!)).toMatchObject({ id: deaf.id, status: 'ACTIVE' });
});

it('makes no event that nobody but its own subject would receive', async () => {
  const customer = new Customer();
  const stranger = new Customer();
  await stranger.create({ allEvents: true });
  await customer.create({ eventTypes: ['invoice.created', 'endpoint.recovered'] });
  const subject = await customer.create({ allEvents: true });
  answer(subject, 500);

  await customer.publishTo(subject);
  await customer.api.disableEndpoint(subject.id);

  expect((await customer.api.page('events')).nodes).toHaveLength(1);
  expect((await stranger.api.page('events')).nodes).toEqual([]);
});

it('tells nothing of test events, and sends each notification as one', async () => {
  const customer = new Customer();
  const { api } = customer;
  await customer.create({ allEvents: true });
  const subject = await customer.create({ eventTypes: ['invoice.paid'] });
  answer(subject, 410);

  for (const type of ['invoice.paid', ...TYPES]) {
    const { delivery } = await api.sendTestEvent({ endpointId: subject.id, type });
    expect(delivery).toMatchObject({ status: 'FAILED', eventType: type, event: { livemode: false } });
  }

  expect(await api.deliveries({ livemode: true })).toEqual([]);
});

it('takes a notification from nobody else', async () => {
  const { api } = new Customer();
  const input = TYPES.map((type) => ({ type, data: {} }));

  const { results, userErrors } = await api.publishEvents([{ type: 'invoice.paid', data: {} }, ...input]);

  expect(results).toEqual([]);
  expect(userErrors).toEqual(
    TYPES.map((type, index) => ({
      field: ['input', String(index + 1), 'type'],
      code: 'INVALID',
      message: expect.stringContaining(`\`${type}\``),
    })),
  );
  expect(await api.tryToPublish(input[0]!)).toMatchObject({
    event: null,
    userErrors: [{ field: ['input', 'type'], code: 'INVALID' }],
  });
});

it('delivers a notification like any event: signed, followed live, tried again by hand', async () => {
  const customer = new Customer();
  const { api } = customer;
  const subject = await customer.create({ eventTypes: ['invoice.paid'] });
  const watcher = await customer.create({ eventTypes: ['delivery.failed'] });
  await using live = await LiveClient.connect(api);
  const updates = live.subscribe<{ deliveryUpdated: { kind: string; delivery: DeliveryView | null } }>(
    `subscription { deliveryUpdated { kind delivery { id eventType status } } }`,
  );
  await updates.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'READY');
  answer(subject, 500);
  answer(watcher, 500);

  await customer.publishTo(subject);
  const isOfWatcher = ({ eventType }: { eventType: string }) => eventType === 'delivery.failed';
  const { deliveryUpdated } = await updates.until(({ deliveryUpdated: { delivery } }) => {
    return delivery !== null && isOfWatcher(delivery) && delivery.status === 'FAILED';
  });
  answer(watcher, 200);
  await api.retryDelivery(deliveryUpdated.delivery!.id);
  await updates.until(({ deliveryUpdated: { delivery } }) => {
    return delivery !== null && isOfWatcher(delivery) && delivery.status === 'SUCCEEDED';
  });

  const requests = setup.receiver.requests.filter(({ path }) => path === new URL(watcher.url).pathname);
  expect(requests).toHaveLength(2);
  const { event } = (await api.delivery(deliveryUpdated.delivery!.id))!;
  for (const { rawBody, headers } of requests) {
    expect(JSON.parse(rawBody)).toMatchObject({ id: event.id, type: 'delivery.failed', livemode: true });
    expect(headers).toMatchObject({ 'webhook-id': event.id, 'x-revkeen-signature': expect.any(String) });
  }
});

/** The names of all fields, however deep. */
function keysWithin(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keysWithin(inner)]));
}
