import { describe, expect, it } from '@jest/globals';
import { DeliveryFeed, type ListedDelivery } from '../../../src/dashboard/deliveries/delivery-feed.js';
import type { DeliveryFilter, DeliveryStatus } from '../../../src/dashboard/documents.js';

const TOP = { mayMove: true, kept: null };
const BELOW = { mayMove: false, kept: null };
const PAGE = 100;

/** The n-th delivery there ever was; ids rise with it, and so does time. */
function delivery(n: number, { status = 'SUCCEEDED' as DeliveryStatus, version = 1 } = {}): ListedDelivery {
  return {
    id: `dlv_${String(n).padStart(8, '0')}`,
    status,
    eventType: 'invoice.paid',
    attemptCount: version,
    nextAttemptAt: null,
    version,
    createdAt: new Date(Date.UTC(2026, 0, 1) + n).toISOString(),
    lastAttempt: null,
    endpoint: undefined,
  } as ListedDelivery;
}

/** A service that has so many deliveries, and a feed of them. */
function setUpFeed(count: number, filter: DeliveryFilter = {}) {
  const stored = Array.from({ length: count }, (_, index) => delivery(index));
  const asked: { filter: DeliveryFilter; after: string | null }[] = [];
  const feed = new DeliveryFeed(filter, async ({ filter: wanted, after, withCount }) => {
    asked.push({ filter: wanted, after });
    const { createdAt, statuses } = wanted;
    const matching = stored
      .filter(({ createdAt: at }) => !createdAt?.to || at < createdAt.to)
      .filter(({ status }) => !statuses || statuses.includes(status))
      .reverse();
    const start = after ? matching.findIndex(({ id }) => id === after) + 1 : 0;
    const nodes = matching.slice(start, start + PAGE);
    const pageInfo = { hasNextPage: start + PAGE < matching.length, endCursor: nodes.at(-1)?.id ?? null };
    return { nodes, pageInfo, ...(withCount && { totalCount: matching.length }) };
  });
  const ids = () => feed.state.get().rows?.map(({ id }) => Number(id.slice(4)));
  return { feed, stored, asked, ids };
}

it('begins with the newest, and goes on page by page without leaving one out', async () => {
  const { feed, ids } = setUpFeed(250);
  await feed.reload();
  expect(ids()).toHaveLength(100);
  expect(feed.state.get()).toMatchObject({ totalCount: 250, hasMore: true, isLoading: false });

  await feed.loadMore();
  await feed.loadMore();
  await feed.loadMore();

  expect(ids()).toEqual(Array.from({ length: 250 }, (_, index) => 249 - index));
  expect(feed.state.get().hasMore).toBe(false);
});

describe('what comes live', () => {
  it('goes to its place where rows may move, and waits where they may not', async () => {
    const { feed, ids } = setUpFeed(3);
    await feed.reload();

    for (const n of [4, 3]) feed.hear(delivery(n));
    feed.settle(BELOW);
    expect(ids()).toEqual([2, 1, 0]);
    expect(feed.state.get()).toMatchObject({ waitingCount: 2, totalCount: 3 });
    feed.settle(TOP);

    expect(ids()).toEqual([4, 3, 2, 1, 0]);
    expect(feed.state.get()).toMatchObject({ waitingCount: 0, totalCount: 5 });
  });

  it('changes rows in place, and never to what they were before', async () => {
    const { feed } = setUpFeed(2);
    await feed.reload();
    feed.hear(delivery(1, { version: 3, status: 'FAILED' }));
    feed.hear(delivery(1, { version: 2, status: 'RETRYING' }));
    feed.settle(BELOW);
    feed.hear(delivery(1, { version: 2, status: 'RETRYING' }));
    feed.settle(BELOW);

    expect(feed.state.get().rows![0]).toMatchObject({ version: 3, status: 'FAILED' });
  });

  it('counts for what is asked for meanwhile, too', async () => {
    const { feed } = setUpFeed(1);
    const loaded = feed.reload();
    feed.hear(delivery(0, { version: 2, status: 'FAILED' }));
    await loaded;

    expect(feed.state.get().rows![0]).toMatchObject({ status: 'FAILED' });
  });

  it('leaves a narrowed list where it matches no more, but not under the reader', async () => {
    const { feed, ids } = setUpFeed(3, { statuses: ['SUCCEEDED'] });
    await feed.reload();
    feed.hear(delivery(1, { version: 2, status: 'RETRYING' }));

    feed.settle(BELOW);
    expect(ids()).toEqual([2, 1, 0]);
    feed.settle({ mayMove: true, kept: delivery(1).id });
    expect(ids()).toEqual([2, 1, 0]);
    feed.settle(TOP);

    expect(ids()).toEqual([2, 0]);
    expect(feed.state.get().totalCount).toBe(2);
  });

  it('is none of the list where it is older than what was loaded', async () => {
    const { feed, ids } = setUpFeed(250);
    await feed.reload();
    feed.hear(delivery(10, { version: 2 }));
    feed.settle(TOP);

    expect(ids()).toHaveLength(100);
  });
});

describe('a day of it', () => {
  it('keeps a thousand rows at the top, and asks for the others again', async () => {
    const { feed, stored, ids } = setUpFeed(0);
    await feed.reload();
    for (let n = 0; n < 5_000; n += 1) {
      stored.push(delivery(n));
      feed.hear(delivery(n));
      if (n % 50 === 0) feed.settle(TOP);
    }
    feed.settle(TOP);
    expect(ids()).toHaveLength(1_000);
    expect(feed.state.get()).toMatchObject({ hasMore: true, totalCount: 5_000 });

    for (let page = 0; page < 10; page += 1) await feed.loadMore();

    const shown = ids()!;
    expect(shown.length).toBeGreaterThan(1_000);
    expect(shown).toEqual(shown.map((_, index) => 4_999 - index));
  });

  it('keeps a thousand that wait, and then asks anew', async () => {
    const { feed, stored, ids } = setUpFeed(10);
    await feed.reload();
    for (let n = 10; n < 2_000; n += 1) {
      stored.push(delivery(n));
      feed.hear(delivery(n));
      feed.settle(BELOW);
    }
    expect(feed.state.get()).toMatchObject({ isBehind: true, waitingCount: 0 });
    expect(ids()).toHaveLength(10);

    await feed.reload();

    expect(ids()!.slice(0, 2)).toEqual([1_999, 1_998]);
    expect(feed.state.get().isBehind).toBe(false);
  });
});

describe('after a time without a connection', () => {
  it('takes up what is new', async () => {
    const { feed, stored, ids } = setUpFeed(5);
    await feed.reload();
    stored.push(delivery(5));
    stored[2] = delivery(2, { version: 2, status: 'FAILED' });
    await feed.catchUp(() => BELOW);

    expect(feed.state.get().waitingCount).toBe(1);
    expect(feed.state.get().rows![2]).toMatchObject({ status: 'FAILED' });
    feed.settle(TOP);
    expect(ids()).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it('asks anew where too much is, and leaves a reader who is further down where they are', async () => {
    const { feed, stored, ids } = setUpFeed(5);
    await feed.reload();
    for (let n = 5; n < 500; n += 1) stored.push(delivery(n));

    await feed.catchUp(() => BELOW);
    expect(ids()).toEqual([4, 3, 2, 1, 0]);
    expect(feed.state.get().isBehind).toBe(true);
    await feed.catchUp(() => TOP);

    expect(ids()![0]).toBe(499);
    expect(feed.state.get().isBehind).toBe(false);
  });
});

it('forgets an endpoint that is gone', async () => {
  const { feed, stored, ids } = setUpFeed(3);
  stored[1] = { ...delivery(1), endpoint: { id: 'ep_gone', url: 'https://example.com' } } as ListedDelivery;
  await feed.reload();

  feed.forgetEndpoint('ep_gone');

  expect(ids()).toEqual([2, 0]);
  expect(feed.state.get().totalCount).toBe(2);
});
