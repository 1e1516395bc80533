import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { fromTypeId } from '../../../src/storage/ids.js';
import { eventually } from '../../support/eventually.js';
import { LiveClient } from '../../support/live.js';
import { type Catalog, DAY_MS, STORIES_A_DAY, Year } from '../../support/year.js';

const DAYS = 365;
const RETENTION_DAYS = 7;
/** Today and the seven before it, and a week ahead. */
const DAYS_KEPT = RETENTION_DAYS + 1 + 7;
/** Every four weeks everything is looked at. */
const STRETCH = 28;
/** From then on nothing is held any more. */
const RELEASED_ON = 200;
const WEEK_SECONDS = 7 * 86_400;

interface Update {
  kind: string;
  cursor: string;
  delivery: { id: string; status: string; event: { id: string } } | null;
}

/** An event, and the day that it belongs to. */
interface Published {
  id: string;
  day: number;
}

/** What a client wrote down at one look, and comes back with at the next. */
interface Memory {
  liveCursor: string;
  pageCursor: string;
  deliveryId: string;
}

// Each day has stories that end on it. Each four weeks also have a delivery a week by the service itself; one that is held
// until the endpoint is enabled; and one whose second and third attempts come a week after the one before, to the day and a few
// milliseconds: on the eighth.
it('keeps for a year what is open or young, and nothing else', async () => {
  await using year = await Year.begin(RETENTION_DAYS);
  const { api, receiver } = year.setup;
  receiver.answer(({ path, headers }) => ({
    status: path === '/webhooks/flaky' && Number(headers['x-revkeen-attempt']) < 3 ? 503 : 200,
  }));
  const steady = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid'] });
  const closed = await api.createEndpoint({ url: `${receiver.url}/closed`, eventTypes: ['chargeback.opened'] });
  await api.createEndpoint({
    url: `${receiver.url}/flaky`,
    eventTypes: ['payment.failed'],
    retryScheduleSeconds: [WEEK_SECONDS, WEEK_SECONDS],
  });
  await api.disableEndpoint(closed.id);
  const steadyUuid = fromTypeId('ep', steady.id)!;
  const delivered: Published[] = [];
  const held: Published[] = [];
  let retrying: Published | null = null;
  let memory: Memory | null = null;
  let first: { catalog: Catalog; dayCount: number } | null = null;

  for (let day = 1; day <= DAYS; day += 1) {
    await year.nextDay();
    await year.tellStories(steadyUuid);
    const dayOfStretch = day % STRETCH;
    if (dayOfStretch % 7 === 3) await deliver();
    if (dayOfStretch === 4 && day < RELEASED_ON) held.push(await publish('chargeback.opened'));
    if (dayOfStretch === 16) retrying = await publish('payment.failed');
    if (retrying && dayOfStretch === 16) await api.deliveryOf(retrying, ({ attemptCount }) => attemptCount === 1);
    if (retrying && dayOfStretch === 24) await api.deliveryOf(retrying, ({ attemptCount }) => attemptCount === 2);
    if (retrying && dayOfStretch === 4) await thirdAttemptOf(retrying);
    if (dayOfStretch === 4) retrying = null;
    if (day === RELEASED_ON) await releaseHeld();
    if ((dayOfStretch === 0 && day < DAYS - 1) || day === DAYS) await lookAtEverything();
  }

  async function publish(type: string, idempotencyKey?: string): Promise<Published> {
    const { event } = await api.tryToPublish({ type, data: {}, idempotencyKey });
    return { id: event!.id, day: year.today };
  }

  /** With a key that is the same every week, and forgotten after a day. */
  async function deliver(): Promise<Published> {
    const event = await publish('invoice.paid', 'weekly');
    expect(await publish('invoice.paid', 'weekly')).toEqual(event);
    expect(delivered.map(({ id }) => id)).not.toContain(event.id);
    await api.deliveryOf(event);
    delivered.push(event);
    return event;
  }

  /** Of it the receiver tells: once it has succeeded, nothing keeps its day any more. */
  async function thirdAttemptOf({ id }: Published): Promise<void> {
    const requests = () => receiver.requests.filter(({ headers }) => headers['webhook-id'] === id);
    await eventually('the third attempt', async () => requests().length === 3);
    expect(requests().map(({ headers }) => headers['x-revkeen-attempt'])).toEqual(['1', '2', '3']);
  }

  /** Of every month something is held; all of it arrives. */
  async function releaseHeld(): Promise<void> {
    expect(held).toHaveLength(7);
    await api.enableEndpoint(closed.id);
    for (const event of held) await api.deliveryOf(event);
    const requests = receiver.requests.filter(({ path }) => path.endsWith('/closed'));
    expect(requests.map(({ headers }) => headers['webhook-id']).sort()).toEqual(held.map(({ id }) => id).sort());
    held.length = 0;
  }

  async function lookAtEverything(): Promise<void> {
    const news = await follow(memory?.liveCursor);
    await year.turnOver();
    const open = [...held, ...(retrying ? [retrying] : [])];
    const isKept = ({ day }: { day: number }) => day >= year.today - RETENTION_DAYS * DAY_MS;

    const kept = Array.from({ length: DAYS_KEPT }, (_, index) => year.today + (index - RETENTION_DAYS) * DAY_MS);
    const days = [...new Set([...open.map(({ day }) => day), ...kept])].sort();
    for (const table of ['events', 'deliveries', 'attempts'] as const) expect(await year.daysOf(table)).toEqual(days);

    const stories = [...year.stories].flatMap(([day, ids]) => (isKept({ day }) ? ids : []));
    expect(stories).toHaveLength((RETENTION_DAYS + 1) * STORIES_A_DAY);
    const there = new Set([...stories, ...[...delivered.filter(isKept), ...open].map(({ id }) => id)]);
    const [events, deliveries] = [await year.list('events'), await year.list('deliveries')];
    expect([new Set(events), events.length]).toEqual([there, there.size]);
    expect(deliveries).toHaveLength(there.size);
    expect((await api.page('deliveries', { first: 1 })).totalCount).toBe(there.size);

    for (const { id } of held) expect(await api.deliveries({ eventId: id })).toMatchObject([{ status: 'HELD' }]);
    expect((await api.endpoint(closed.id))?.heldCount).toBe(held.length);
    if (retrying) {
      const { attempts } = await api.deliveryOf(retrying, ({ status }) => status === 'RETRYING');
      expect(attempts.map(({ responseStatusCode }) => responseStatusCode)).toEqual([503, 503]);
    }
    await lookAtStatistics();
    if (memory) await comeBack(memory, deliveries, news);
    const { pageInfo } = await api.page('deliveries', { first: 1 });
    memory = { liveCursor: news.at(-1)!.cursor, pageCursor: pageInfo.endCursor!, deliveryId: deliveries[0]! };
    await lookAtSizes(days.length);
  }

  /** They reach further back than the log. */
  async function lookAtStatistics(): Promise<void> {
    const { endpoint } = await api.request<{ endpoint: { lastDeliveryAt: string; month: object; week: object } }>(
      `query ($id: ID!) { endpoint(id: $id) { lastDeliveryAt
         month: stats(window: LAST_30_DAYS) { succeeded failed } week: stats(window: LAST_7_DAYS) { succeeded failed } } }`,
      { id: steady.id },
    );
    const since = (days: number) => delivered.filter(({ day }) => day >= year.today - days * DAY_MS).length;
    expect(endpoint).toMatchObject({
      month: { succeeded: since(30), failed: 0 },
      week: { succeeded: since(7), failed: 0 },
    });
    expect(year.now - Date.parse(endpoint.lastDeliveryAt)).toBeLessThan(DAY_MS);
  }

  /** What was at hand four weeks ago points to days that are gone. */
  async function comeBack(old: Memory, deliveries: readonly string[], news: readonly Update[]): Promise<void> {
    expect(await api.delivery(old.deliveryId)).toBeNull();
    expect((await api.retryDelivery(old.deliveryId)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const older = await api.page('deliveries', { first: 100, after: old.pageCursor });
    const heldBefore = held.filter(({ day }) => day <= year.today - STRETCH * DAY_MS);
    expect(older.nodes.map(({ id }) => id)).toEqual(heldBefore.length > 0 ? deliveries.slice(-heldBefore.length) : []);

    expect(new Set(news.map(({ kind }) => kind))).toEqual(new Set(['READY', 'UPDATED']));
    const told = new Map(news.flatMap(({ delivery }) => (delivery ? [[delivery.event.id, delivery.status]] : [])));
    const changed = [...delivered, ...held].filter(({ day }) => day > year.today - RETENTION_DAYS * DAY_MS);
    expect([...told.keys()]).toEqual(expect.arrayContaining(changed.map(({ id }) => id)));
    if (retrying) expect(told.get(retrying.id)).toBe('RETRYING');
  }

  /** Everything that changed behind a cursor and is still there, up to a delivery that is made now. */
  async function follow(after: string | undefined): Promise<Update[]> {
    await using live = await LiveClient.connect(api);
    const subscription = live.subscribe<{ deliveryUpdated: Update }>(
      `subscription ($after: String) {
         deliveryUpdated(after: $after) { kind cursor delivery { id status event { id } } } }`,
      { after },
    );
    await subscription.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'READY');
    const last = await deliver();
    await subscription.until(({ deliveryUpdated: { delivery } }) => {
      return delivery?.event.id === last.id && delivery.status === 'SUCCEEDED';
    });
    return subscription.seen.map(({ deliveryUpdated }) => deliveryUpdated);
  }

  /** They follow the days that are there, not those that have been. */
  async function lookAtSizes(dayCount: number): Promise<void> {
    const catalog = await year.readCatalog();
    first ??= { catalog, dayCount };
    const growth = Math.max(1, dayCount / first.dayCount);
    for (const [what, rows] of Object.entries(first.catalog)) {
      expect({ what, isBounded: catalog[what as keyof Catalog] <= rows * growth }).toEqual({ what, isBounded: true });
    }
    const { stats, keys, jobs } = await year.countRest();
    expect(stats).toBeLessThan(20);
    expect(keys).toBe(1);
    expect(jobs).toBeLessThan(10);
  }
}, 240_000);
