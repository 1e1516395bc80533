import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { LiveClient } from '../support/live.js';
import { OTHER_API_KEY, setUp } from '../support/service.js';

interface Update {
  deliveryUpdated: {
    kind: string;
    cursor: string;
    delivery: { id: string; status: string; version: number; eventType: string; event: { id: string } } | null;
  };
}

const UPDATE = 'kind cursor delivery { id status version eventType event { id } }';
const DELIVERIES = `subscription ($endpointIds: [ID!], $eventId: ID, $statuses: [DeliveryStatus!], $after: String) {
  deliveryUpdated(endpointIds: $endpointIds, eventId: $eventId, statuses: $statuses, after: $after) { ${UPDATE} } }`;

const kindOf = ({ deliveryUpdated }: Update) => deliveryUpdated.kind;
const isReady = (update: Update) => kindOf(update) === 'READY';
const deliveryOf = ({ deliveryUpdated }: Update) => deliveryUpdated.delivery;
const isStatus = (status: string) => (update: Update) => deliveryOf(update)?.status === status;
const statusesOf = (updates: readonly Update[], id: string) =>
  updates.flatMap((update) => (deliveryOf(update)?.id === id ? [deliveryOf(update)!.status] : []));

describe('following deliveries', () => {
  it('begins with READY, and tells each change with the row as it is', async () => {
    await using setup = await setUp({ env: { RETRY_SCHEDULE: '200ms' } });
    const { api, receiver } = setup;
    receiver.answer((_request, _response, count) => ({ status: count === 1 ? 500 : 200 }));
    await api.createEndpoint({ url: receiver.url, allEvents: true });
    await using live = await LiveClient.connect(api);
    const updates = live.subscribe<Update>(DELIVERIES);
    expect(await updates.next()).toEqual({
      deliveryUpdated: { kind: 'READY', cursor: expect.stringMatching(/^[\w-]+$/), delivery: null },
    });

    const event = await api.publishEvent('invoice.paid');

    const { deliveryUpdated } = await updates.until(isStatus('SUCCEEDED'));
    const { id, status, version, eventType } = (await api.deliveryOf(event))!;
    expect(deliveryUpdated.delivery).toEqual({ id, status, version, eventType, event: { id: event.id } });
    expect(statusesOf(updates.seen, id)).toEqual(['PENDING', 'RETRYING', 'SUCCEEDED']);
    const versions = updates.seen.flatMap((update) => deliveryOf(update)?.version ?? []);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('applies the filters to the row as it is; unknown ids and empty lists match nothing', async () => {
    await using setup = await setUp();
    const { api, receiver } = setup;
    receiver.answer(({ path }) => ({ status: path.endsWith('/b') ? 500 : 200 }));
    const a = await api.createEndpoint({ url: `${receiver.url}/a`, allEvents: true });
    const b = await api.createEndpoint({ url: `${receiver.url}/b`, allEvents: true });
    await using live = await LiveClient.connect(api);
    const subscribe = async (variables: object) => {
      const updates = live.subscribe<Update>(DELIVERIES, { ...variables });
      await updates.until(isReady);
      return updates;
    };
    const all = await subscribe({});
    const ofA = await subscribe({ endpointIds: [a.id] });
    const retrying = await subscribe({ statuses: ['RETRYING'] });
    const none = [
      await subscribe({ endpointIds: [] }),
      await subscribe({ endpointIds: ['ep_nonsense'] }),
      await subscribe({ statuses: [] }),
    ];

    const event = await api.publishEvent('invoice.paid');

    const toA = await api.deliveryOf(event, undefined, a.id);
    const toB = await api.deliveryOf(event, ({ status }) => status === 'RETRYING', b.id);
    await all.until((update) => deliveryOf(update)?.id === toB.id && isStatus('RETRYING')(update));
    await ofA.until(isStatus('SUCCEEDED'));
    await retrying.until(isStatus('RETRYING'));
    // What is told of the next event comes behind whatever else would have been told of this one.
    await api.publishEvent('invoice.paid');
    await all.until((update) => deliveryOf(update)?.event.id !== event.id && isStatus('RETRYING')(update));
    expect(new Set(ofA.seen.slice(1).map((update) => deliveryOf(update)!.id)).has(toB.id)).toBe(false);
    expect(statusesOf(ofA.seen, toA.id)).toContain('SUCCEEDED');
    expect(new Set(retrying.seen.slice(1).map((update) => deliveryOf(update)!.status))).toEqual(new Set(['RETRYING']));
    for (const updates of none) expect(updates.seen.map(kindOf)).toEqual(['READY']);
  });

  it('tells nothing of another account, nor of a deleted endpoint', async () => {
    await using setup = await setUp();
    const { api, otherApi, receiver } = setup;
    const release = receiver.holdAnswers(({ path }) => path.endsWith('/deleted'));
    const deleted = await api.createEndpoint({ url: `${receiver.url}/deleted`, allEvents: true });
    const kept = await api.createEndpoint({ url: receiver.url, allEvents: true });
    await using live = await LiveClient.connect(api);
    await using otherLive = await LiveClient.connect(otherApi);
    const event = await api.publishEvent('invoice.paid');
    await receiver.receive(2);
    await api.deleteEndpoint(deleted.id);
    const updates = live.subscribe<Update>(DELIVERIES);
    const others = otherLive.subscribe<Update>(DELIVERIES);
    await Promise.all([updates.until(isReady), others.until(isReady)]);

    release();
    const later = await api.publishEvent('invoice.paid');

    await updates.until((update) => deliveryOf(update)?.event.id === later.id && isStatus('SUCCEEDED')(update));
    const [ofKept] = await api.deliveries({ eventId: event.id, endpointIds: [kept.id] });
    const ids = updates.seen.flatMap((update) =>
      deliveryOf(update)?.event.id === event.id ? deliveryOf(update)!.id : [],
    );
    expect(ids.filter((id) => id !== ofKept!.id)).toEqual([]);
    expect(others.seen.map(kindOf)).toEqual(['READY']);
  });

  it('of one event tells its deliveries as they stand, then each change, and ends once all are final', async () => {
    await using setup = await setUp({ env: { RETRY_SCHEDULE: '300ms' } });
    const { api, receiver } = setup;
    receiver.answer(({ path }) => ({ status: path.endsWith('/bad') ? 500 : 200 }));
    const release = receiver.holdAnswers(({ path }) => path.endsWith('/slow'));
    await api.createEndpoint({ url: `${receiver.url}/slow`, allEvents: true });
    await api.createEndpoint({ url: `${receiver.url}/bad`, allEvents: true });
    await using live = await LiveClient.connect(api);
    const event = await api.publishEvent('invoice.paid');
    const updates = live.subscribe<Update>(DELIVERIES, { eventId: event.id });
    const failures = live.subscribe<Update>(DELIVERIES, { eventId: event.id, statuses: ['FAILED'] });

    await updates.until(isStatus('FAILED'));
    release();

    await updates.completed();
    await failures.completed();
    const deliveries = await api.deliveries({ eventId: event.id });
    for (const { id, status } of deliveries) expect(statusesOf(updates.seen, id).at(-1)).toBe(status);
    expect(failures.seen.map((update) => deliveryOf(update)?.status ?? kindOf(update))).toEqual(['READY', 'FAILED']);
    const afterwards = live.subscribe<Update>(DELIVERIES, { eventId: event.id });
    await afterwards.completed();
    expect(afterwards.seen.map((update) => deliveryOf(update)?.status ?? kindOf(update)).sort()).toEqual([
      'FAILED',
      'READY',
      'SUCCEEDED',
    ]);
  });

  it('of an event that nobody receives, or that is unknown, ends at once', async () => {
    await using setup = await setUp();
    await using live = await LiveClient.connect(setup.api);
    const event = await setup.api.publishEvent('invoice.paid');
    for (const eventId of [event.id, 'evt_nonsense']) {
      const updates = live.subscribe<Update>(DELIVERIES, { eventId });
      await updates.completed();
      expect(updates.seen.map(kindOf)).toEqual(['READY']);
    }
  });

  it('ends when the endpoint that was left to wait for is deleted', async () => {
    await using setup = await setUp();
    const { api, receiver } = setup;
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    await api.disableEndpoint(endpoint.id);
    const event = await api.publishEvent('invoice.paid');
    await using live = await LiveClient.connect(api);
    const updates = live.subscribe<Update>(DELIVERIES, { eventId: event.id });
    await updates.until(isStatus('HELD'));

    await api.deleteEndpoint(endpoint.id);

    await updates.completed();
  });
});

describe('a burst', () => {
  it('of thousands in one transaction is told one by one to whoever keeps up, and others hear theirs', async () => {
    await using setup = await setUp();
    const { api, otherApi, receiver } = setup;
    const endpoints = [];
    for (let count = 0; count < 3; count += 1) {
      endpoints.push(await api.createEndpoint({ url: receiver.url, allEvents: true }));
    }
    for (const { id } of endpoints) await api.disableEndpoint(id);
    await otherApi.createEndpoint({ url: receiver.url, allEvents: true });
    await using live = await LiveClient.connect(api);
    await using otherLive = await LiveClient.connect(otherApi);
    const updates = live.subscribe<Update>(DELIVERIES);
    const others = otherLive.subscribe<Update>(DELIVERIES);
    await Promise.all([updates.until(isReady), others.until(isReady)]);

    await api.publishEvents(Array.from({ length: 1_000 }, () => ({ type: 'invoice.paid', data: {} })));
    await otherApi.publishEvent('invoice.paid');

    await others.until(isStatus('SUCCEEDED'));
    const told = () => new Set(updates.seen.map((update) => deliveryOf(update)?.id));
    await eventually('all of them told', async () => told().size > 3_000, 30_000);
    expect(updates.seen.map(kindOf)).not.toContain('RESYNC_REQUIRED');
  }, 60_000);
});

describe('going on behind a cursor', () => {
  it('tells what changed meanwhile, and then goes on', async () => {
    await using setup = await setUp();
    const { api, receiver } = setup;
    await api.createEndpoint({ url: receiver.url, allEvents: true });
    await using live = await LiveClient.connect(api);
    const first = live.subscribe<Update>(DELIVERIES);
    await first.until(isReady);
    const before = await api.publishEvent('invoice.paid');
    const { deliveryUpdated } = await first.until(isStatus('SUCCEEDED'));
    first.complete();
    const meanwhile = [];
    for (let count = 0; count < 3; count += 1) meanwhile.push(await api.publishEvent('invoice.paid'));
    for (const event of meanwhile) await api.deliveryOf(event);

    const second = live.subscribe<Update>(DELIVERIES, { after: deliveryUpdated.cursor });

    expect(await second.next()).toEqual({
      deliveryUpdated: { kind: 'READY', cursor: deliveryUpdated.cursor, delivery: null },
    });
    const missed = [await second.next(), await second.next(), await second.next()];
    expect(missed.map((update) => deliveryOf(update))).toMatchObject(
      meanwhile.map((event) => ({ status: 'SUCCEEDED', event: { id: event.id } })),
    );
    const later = await api.publishEvent('invoice.paid');
    await second.until((update) => deliveryOf(update)?.event.id === later.id && isStatus('SUCCEEDED')(update));
    expect(second.seen.some((update) => deliveryOf(update)?.event.id === before.id)).toBe(false);
  });

  it('replays thousands in pages, each delivery once and as it is, and can be broken off anywhere', async () => {
    await using setup = await setUp();
    const { api, receiver, database } = setup;
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    await using live = await LiveClient.connect(api);
    const start = live.subscribe<Update>(DELIVERIES);
    const { deliveryUpdated: begin } = await start.until(isReady);
    start.complete();
    await api.disableEndpoint(endpoint.id);
    for (let batch = 0; batch < 5; batch += 1) {
      await api.publishEvents(Array.from({ length: 500 }, () => ({ type: 'invoice.paid', data: {} })));
    }

    const known = new Map<string, number>();
    let { cursor } = begin;
    for (let round = 0; known.size < 2_500; round += 1) {
      expect(round).toBeLessThan(20);
      const updates = live.subscribe<Update>(DELIVERIES, { after: cursor });
      const isAll = () => new Set([...known.keys(), ...updates.seen.map((one) => deliveryOf(one)?.id)]).size > 2_500;
      await eventually('some, or the rest', async () => updates.seen.length > 700 || isAll());
      updates.complete();
      for (const update of updates.seen) {
        const delivery = deliveryOf(update);
        ({ cursor } = update.deliveryUpdated);
        if (delivery) known.set(delivery.id, delivery.version);
      }
    }
    const rows = await database.query<{ count: number }>('select count(*)::int as count from webhooks.deliveries');
    expect(known.size).toBe(rows[0]!.count);
  }, 60_000);

  it('is told to read everything anew when the feed no longer reaches back so far', async () => {
    await using setup = await setUp();
    const { api, database } = setup;
    await using live = await LiveClient.connect(api);
    const first = live.subscribe<Update>(DELIVERIES);
    const { deliveryUpdated } = await first.until(isReady);
    await api.createEndpoint({ url: 'https://example.com', allEvents: true });
    await database.query(
      'update webhooks.change_feed set horizon = (select xid from webhooks.changes order by xid desc limit 1)',
    );

    const second = live.subscribe<Update>(DELIVERIES, { after: deliveryUpdated.cursor });

    expect(kindOf(await second.next())).toBe('READY');
    expect(kindOf(await second.next())).toBe('RESYNC_REQUIRED');
    await api.publishEvent('invoice.paid');
    await second.until((update) => deliveryOf(update)?.eventType === 'invoice.paid');
  });

  it('with an event tells its deliveries as they stand, whatever was told before', async () => {
    await using setup = await setUp();
    const { api, receiver } = setup;
    const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
    await api.disableEndpoint(endpoint.id);
    const event = await api.publishEvent('invoice.paid');
    await using live = await LiveClient.connect(api);
    const first = live.subscribe<Update>(DELIVERIES, { eventId: event.id });
    const { deliveryUpdated } = await first.until(isReady);
    first.complete();

    const second = live.subscribe<Update>(DELIVERIES, { eventId: event.id, after: deliveryUpdated.cursor });

    await second.until(isStatus('HELD'));
  });

  it('goes on while a transaction stays open for longer than the feed remembers', async () => {
    await using setup = await setUp();
    const { api, receiver, database } = setup;
    const elsewhere = new pg.Client({ connectionString: database.url });
    await elsewhere.connect();
    await elsewhere.query('begin');
    await elsewhere.query('select pg_current_xact_id()');
    await api.createEndpoint({ url: receiver.url, allEvents: true });
    await api.deliveryOf(await api.publishEvent('invoice.paid'));
    await database.query(
      'update webhooks.change_feed set horizon = (select xid from webhooks.changes order by xid desc limit 1)',
    );
    await using live = await LiveClient.connect(api);
    const updates = live.subscribe<Update>(DELIVERIES);
    await updates.until(isReady);

    const event = await api.publishEvent('invoice.paid');

    await updates.until((update) => deliveryOf(update)?.event.id === event.id && isStatus('SUCCEEDED')(update));
    expect(updates.seen.map(kindOf)).not.toContain('RESYNC_REQUIRED');
    await elsewhere.end();
  });

  it('refuses a cursor that is damaged, or of another account or list', async () => {
    await using setup = await setUp();
    const { api } = setup;
    await api.publishEvent('invoice.paid');
    await using live = await LiveClient.connect(api);
    await using otherLive = await LiveClient.connect(api.as(OTHER_API_KEY));
    const healthy = live.subscribe<Update>(DELIVERIES);
    const { deliveryUpdated } = await healthy.until(isReady);
    const { pageInfo } = await api.page('events');

    const refused = [
      live.subscribe(DELIVERIES, { after: 'nonsense' }),
      live.subscribe(DELIVERIES, { after: '' }),
      live.subscribe(DELIVERIES, { after: deliveryUpdated.cursor.slice(0, -2) }),
      live.subscribe(DELIVERIES, { after: pageInfo.endCursor }),
      otherLive.subscribe(DELIVERIES, { after: deliveryUpdated.cursor }),
      live.subscribe(DELIVERIES, { endpointIds: Array(10_000).fill('ep_01m85tt7khek0scbqfgrtvsmm2') }),
    ];

    for (const updates of refused) {
      const [error] = await updates.errors();
      expect(error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
      expect(error!.message).toMatch(/cursor|endpointIds/);
    }
    const endpoint = await api.createEndpoint({ url: setup.receiver.url, allEvents: true });
    await api.publishEvent('invoice.paid');
    await healthy.until(isStatus('SUCCEEDED'));
    expect(endpoint.id).toMatch(/^ep_/);
  });
});
