import { rm } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { createDatabase } from '../support/database.js';
import { LiveClient } from '../support/live.js';
import { type ServiceProcess, startProcess } from '../support/processes.js';
import { startReceiver } from '../support/receiver.js';
import { API_KEY, testEnvironment, writeCa } from '../support/service.js';

interface Update {
  deliveryUpdated: { kind: string; cursor: string; delivery: { status: string; event: { id: string } } | null };
}

const DELIVERIES = `subscription ($after: String, $eventId: ID) {
  deliveryUpdated(after: $after, eventId: $eventId) { kind cursor delivery { status event { id } } } }`;

async function setUp() {
  await using opened = new AsyncDisposableStack();
  const receiver = opened.adopt(await startReceiver(), (one) => one.close());
  const database = opened.adopt(await createDatabase(), (one) => one.drop());
  const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
  const env = { ...testEnvironment(database.url), WEBHOOK_CA_FILE: caFile };
  const start = async (role: string): Promise<ServiceProcess> =>
    opened.use(await startProcess({ env: { ...env, ROLES: role } }));
  const [one, two] = [await start('api'), await start('api')];
  await start('dispatcher');
  const closing = opened.move();
  return { receiver, one, two, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

it('tells what another process publishes and a third delivers, and goes on at another API when its own is killed', async () => {
  await using setup = await setUp();
  const { receiver, one, two } = setup;
  await two.api(API_KEY).createEndpoint({ url: receiver.url, allEvents: true });
  await using live = await LiveClient.connect(one.api(API_KEY));
  const updates = live.subscribe<Update>(DELIVERIES);
  await updates.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'READY');

  const first = await two.api(API_KEY).publishEvent('invoice.paid');
  const isDelivered = (id: string) => (update: Update) =>
    update.deliveryUpdated.delivery?.event.id === id && update.deliveryUpdated.delivery.status === 'SUCCEEDED';
  const { deliveryUpdated } = await updates.until(isDelivered(first.id));

  expect((await one.stop('SIGKILL')).code).toBeNull();
  expect(await live.closed()).toMatchObject({ code: 1006 });
  const meanwhile = await two.api(API_KEY).publishEvent('invoice.paid');
  await two.api(API_KEY).deliveryOf(meanwhile);
  await using again = await LiveClient.connect(two.api(API_KEY));
  const resumed = again.subscribe<Update>(DELIVERIES, { after: deliveryUpdated.cursor });

  await resumed.until(isDelivered(meanwhile.id));
  const later = await two.api(API_KEY).publishEvent('invoice.paid');
  await resumed.until(isDelivered(later.id));
  const watched = again.subscribe<Update>(DELIVERIES, { eventId: later.id });
  await watched.completed();
  expect(watched.seen.at(-1)!.deliveryUpdated.delivery!.status).toBe('SUCCEEDED');
});

it('closes its sockets with 1001 when it stops in order', async () => {
  await using setup = await setUp();
  await using live = await LiveClient.connect(setup.one.api(API_KEY));
  const updates = live.subscribe<Update>(DELIVERIES);
  await updates.next();

  const { code } = await setup.one.stop('SIGTERM');

  expect(code).toBe(0);
  expect(await live.closed()).toMatchObject({ code: 1001 });
});
