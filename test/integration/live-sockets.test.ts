import { Socket } from 'node:net';
import { expect, it, jest } from '@jest/globals';
import { ChangeFeed } from '../../src/live/change-feed.js';
import { eventually } from '../support/eventually.js';
import { LiveClient, RawSocket } from '../support/live.js';
import { setUp } from '../support/service.js';

interface Update {
  deliveryUpdated: { kind: string; delivery: { id: string } | null };
}

/** What waits in this process, service included, to be taken over by the operating system, in bytes. */
function unsentBytes(): number {
  const handles = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles();
  return handles.reduce<number>((sum, one) => sum + (one instanceof Socket ? one.writableLength : 0), 0);
}

it('a client that stops reading costs the others nothing and the service little, and catches up once it reads on', async () => {
  const ROUNDS = 10;
  const EVENTS = 250;
  await using setup = await setUp({ env: { LOG_LEVEL: 'silent' } });
  const { api, receiver } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  await using slow = await LiveClient.connect(api);
  await using quick = await LiveClient.connect(api);
  const slowUpdates = slow.subscribe<Update>(
    'subscription { deliveryUpdated { kind delivery { id event { body } attempts { requestBody } } } }',
  );
  const quickUpdates = quick.subscribe<Update>(
    'subscription { deliveryUpdated(statuses: [SUCCEEDED]) { kind delivery { id } } }',
  );
  await Promise.all([slowUpdates.next(), quickUpdates.next()]);

  slow.pause();
  const data = { text: 'x'.repeat(20_000) };
  let most = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    await api.publishEvents(Array.from({ length: EVENTS }, () => ({ type: 'invoice.paid', data })));
    await eventually(
      'the others to see all of it',
      async () => {
        most = Math.max(most, unsentBytes());
        return (
          new Set(quickUpdates.seen.map(({ deliveryUpdated: { delivery } }) => delivery?.id)).size > round * EVENTS
        );
      },
      60_000,
    );
  }

  expect(new Set(quickUpdates.seen.map(({ deliveryUpdated: { kind } }) => kind))).toEqual(
    new Set(['READY', 'UPDATED']),
  );
  // What it was due is more than 100 MB.
  expect(most).toBeLessThan(8_000_000);
  slow.resume();
  const idsOf = (updates: Update[]) =>
    new Set(updates.flatMap(({ deliveryUpdated: { delivery } }) => delivery?.id ?? []));
  const caughtUp = eventually(
    'all of it told',
    async () => slow.socket.readyState !== slow.socket.OPEN || idsOf(slowUpdates.seen).size === ROUNDS * EVENTS,
    60_000,
  );
  await caughtUp;
  // On a slow machine it has been cut off by now, and would go on behind its cursor.
  if (slow.socket.readyState !== slow.socket.OPEN) expect((await slow.closed()).code).toBe(1006);
}, 120_000);

it('a thousand clients that come, subscribe and go leave nothing behind', async () => {
  const feeds = new Set<ChangeFeed>();
  const join = ChangeFeed.prototype.join;
  const noting = jest.spyOn(ChangeFeed.prototype, 'join').mockImplementation(function (this: ChangeFeed, listener) {
    feeds.add(this);
    return join.call(this, listener);
  });
  await using setup = await setUp();
  const countOf = (resource: string) => process.getActiveResourcesInfo().filter((one) => one === resource).length;
  const visit = async (n: number) => {
    const socket = await RawSocket.connect(setup.api);
    for (const id of ['a', 'b']) socket.subscribe(id, 'subscription { deliveryUpdated { kind } }');
    socket.subscribe('c', 'subscription { endpointUpdated { kind } }');
    for (let ready = 0; ready < 3; ready += 1) await socket.messages.until(({ type }) => type === 'next');
    if (n % 4 === 0) for (const id of ['a', 'b', 'c']) socket.send({ type: 'complete', id });
    if (n % 4 === 1) socket.socket.close(1000);
    else if (n % 4 !== 0) socket.socket.terminate();
    else socket.socket.close();
    await socket.closed();
  };
  await visit(0);
  const [sockets, timers] = [countOf('TCPSocketWrap'), countOf('Timeout')];

  for (let wave = 0; wave < 4; wave += 1) {
    await Promise.all(Array.from({ length: 250 }, (_, n) => visit(n)));
  }

  const [feed] = feeds;
  await eventually('all subscriptions left', async () => feed!.listenerCount === 0);
  // A few come and go by themselves: of the database, and of HTTP.
  await eventually('all sockets gone', async () => countOf('TCPSocketWrap') < sockets + 20);
  await eventually('all timers gone', async () => countOf('Timeout') < timers + 20);
  expect(feeds.size).toBe(1);
  noting.mockRestore();
}, 120_000);

it('tells nobody of a deleted endpoint, however much of it a slow client had yet to be told', async () => {
  const EVENTS = 300;
  await using setup = await setUp();
  const { api, receiver } = setup;
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await using slow = await LiveClient.connect(api);
  const updates = slow.subscribe<Update>('subscription { deliveryUpdated { kind delivery { id event { body } } } }');
  await updates.next();

  slow.pause();
  const data = { text: 'x'.repeat(50_000) };
  await api.publishEvents(Array.from({ length: EVENTS }, () => ({ type: 'invoice.paid', data })));
  await receiver.receive(EVENTS);
  await api.deleteEndpoint(endpoint.id);
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const last = await api.publishEvent('customer.created');
  slow.resume();

  const { id } = await api.deliveryOf(last);
  await updates.until(({ deliveryUpdated: { delivery } }) => delivery?.id === id);
  // What the system had taken over by then comes all the same.
  expect(updates.seen.length).toBeLessThan(EVENTS / 2);
}, 60_000);
