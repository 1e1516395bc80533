import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CatalogCopy } from '../../src/events/catalog-copy.js';
import { createLog } from '../../src/log.js';
import { Database } from '../../src/storage/database.js';
import { Doorbell } from '../../src/storage/doorbell.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const opened = new AsyncDisposableStack();
let testDatabase: TestDatabase;
let copy: CatalogCopy;

beforeAll(async () => {
  testDatabase = opened.adopt(await createDatabase(), (one) => one.drop());
  const { url } = testDatabase;
  const database = opened.adopt(await Database.open({ url, name: 'test' }), (one) => one.close());
  const onConnectionLost = () => {};
  const doorbell = opened.adopt(await Doorbell.open({ url, name: 'test', onConnectionLost }), (one) => one.close());
  copy = opened.adopt(await CatalogCopy.open({ database, doorbell, log: createLog({ level: 'error' }) }), (one) =>
    one.close(),
  );
});

afterAll(() => opened.disposeAsync());

it('reads types anew when they have changed, and not otherwise', async () => {
  await testDatabase.query(
    `insert into webhooks.event_types (name, category, description, sample_data, created_at, updated_at)
     values ('order.sent', 'Orders', 'Sent when it is.', '{}', now(), now())`,
  );
  const catalog = await copy.read();
  expect(catalog.named('order.sent')).toMatchObject({ category: 'Orders' });
  expect(await copy.read()).toBe(catalog);
  expect(await copy.including(['no.such'])).toBe(catalog);

  // Within the same millisecond, or by a clock that goes backwards: what is the same is the time of the change.
  await testDatabase.query(`update webhooks.event_types set category = 'Shipping'`);
  expect((await copy.read()).named('order.sent')).toMatchObject({ category: 'Shipping' });
  await testDatabase.query('delete from webhooks.event_types');
  expect((await copy.read()).named('order.sent')).toBeUndefined();
});
