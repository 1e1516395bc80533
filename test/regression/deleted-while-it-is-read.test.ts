import { expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { setUp } from '../support/service.js';

// The attempts were read, then their endpoint was deleted, and then the body that they sent was not found.
it('answers a query about deliveries in full although its endpoint is deleted meanwhile', async () => {
  await using setup = await setUp();
  const { api, receiver, database } = setup;
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  await api.deliveryOf(event);
  await using opened = new AsyncDisposableStack();
  const connect = async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    return opened.adopt(client, (one) => one.end());
  };
  const [client, keeper] = [await connect(), await connect()];
  const waiting = async (count: number) => {
    const { rowCount } = await client.query(`select from pg_locks where not granted and relation = $1::regclass`, [
      'webhooks.attempts',
    ]);
    return rowCount === count;
  };

  await client.query('begin; lock table webhooks.attempts in access exclusive mode');
  const reading = api.deliveries();
  await eventually('the query in the middle of it', () => waiting(1));
  // Next in line, so that what the endpoint leaves behind is not cleared away before it was read.
  const kept = keeper.query('begin; lock table webhooks.attempts in share row exclusive mode');
  await eventually('the keeper behind it', () => waiting(2));
  await api.deleteEndpoint(endpoint.id);
  await client.query('commit');
  await kept;

  expect(await reading).toMatchObject([{ attempts: [{ number: 1, requestBody: event.body }] }]);
  expect(await api.deliveries()).toEqual([]);
  await keeper.query('commit');
});
