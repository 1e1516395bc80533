import { expect, it } from '@jest/globals';
import { systemClock } from '../../../src/storage/clock.js';
import { migrate } from '../../../src/storage/migrate.js';
import type { ApiClient } from '../../support/api.js';
import { LiveClient } from '../../support/live.js';
import { startProcess } from '../../support/processes.js';
import { API_KEY, setUp, testEnvironment } from '../../support/service.js';

interface Update {
  kind: string;
  cursor: string;
  delivery: { event: { id: string } } | null;
}

/** What a client that comes with a cursor hears until it is told of an event that is published then. */
async function comeBack(api: ApiClient, after: string | null): Promise<Update[]> {
  await using live = await LiveClient.connect(api);
  const messages = live.subscribe<{ deliveryUpdated: Update }>(
    'subscription ($after: String) { deliveryUpdated(after: $after) { kind cursor delivery { event { id } } } }',
    { after },
  );
  await messages.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'READY');
  const { id } = await api.publishEvent('invoice.paid');
  await messages.until(({ deliveryUpdated }) => deliveryUpdated.delivery?.event.id === id);
  return messages.seen.map(({ deliveryUpdated }) => deliveryUpdated);
}

const resyncsOf = (updates: readonly Update[]) => updates.filter(({ kind }) => kind === 'RESYNC_REQUIRED').length;

// As after a restore into a cluster that has counted fewer transactions: all of the feed lies ahead of it.
it('has clients query anew, once, where the database was restored, also of processes that were there before', async () => {
  await using opened = new AsyncDisposableStack();
  const { api, receiver, database } = opened.use(await setUp());
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const cursor = (await comeBack(api, null)).at(-1)!.cursor;
  await database.query(`update webhooks.change_feed set place = 'elsewhere', horizon = '9000000000'`);
  await database.query(`update webhooks.changes set xid = (9000000000 + xid::text::bigint)::text::xid8`);

  await migrate({ url: database.url, name: 'test', clock: systemClock });

  const old = await comeBack(api, cursor);
  expect(resyncsOf(old)).toBe(1);
  const fresh = opened.use(await startProcess({ env: testEnvironment(database.url) })).api(API_KEY);
  const later = await comeBack(fresh, cursor);
  expect(resyncsOf(later)).toBe(1);
  // A cursor of the new process, at the one that knows the feed by its former id only.
  const again = await comeBack(api, later.at(-1)!.cursor);
  expect(resyncsOf(again)).toBe(0);
  expect(await database.query(`select from webhooks.changes where xid >= '9000000000'`)).toEqual([]);
});

it('leaves the feed alone where it has always been', async () => {
  await using setup = await setUp();
  const read = () => setup.database.query('select * from webhooks.change_feed');
  const before = await read();

  await migrate({ url: setup.database.url, name: 'test', clock: systemClock });

  expect(await read()).toEqual(before);
});
