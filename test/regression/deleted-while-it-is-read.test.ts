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
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();

  await client.query('begin; lock table webhooks.attempts in access exclusive mode');
  const reading = api.deliveries();
  await eventually('the query in the middle of it', async () => {
    const { rowCount } = await client.query(`select from pg_locks where not granted and relation = $1::regclass`, [
      'webhooks.attempts',
    ]);
    return rowCount;
  });
  await api.deleteEndpoint(endpoint.id);
  await client.query('commit');
  await client.end();

  expect(await reading).toMatchObject([{ attempts: [{ number: 1, requestBody: event.body }] }]);
  expect(await api.deliveries()).toEqual([]);
});
