import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { PublishError, publishWithin } from 'revkeen-webhooks/publish';
import { DataSource } from 'typeorm';
import type { EndpointView } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { LiveClient } from '../support/live.js';
import { type Setup, setUp } from '../support/service.js';

let setup: Setup;
let pool: pg.Pool;
let endpoint: EndpointView;

beforeAll(async () => {
  setup = await setUp();
  pool = new pg.Pool({ connectionString: setup.database.url, max: 5 });
  // Those that are still closing when the database goes.
  pool.on('error', () => {});
  await pool.query('create table invoices (id text primary key, paid boolean not null default false)');
  endpoint = await setup.api.createEndpoint({ url: setup.receiver.url, eventTypes: ['invoice.paid'] });
});

afterAll(async () => {
  await pool?.end();
  await setup?.[Symbol.asyncDispose]();
});

const paid = (id: string) => ({ type: 'invoice.paid', data: { id } });

async function inTransaction<Result>(
  work: (client: pg.PoolClient) => Promise<Result>,
  end: 'commit' | 'rollback' = 'commit',
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query(end);
    return result;
  } finally {
    client.release();
  }
}

async function countOf(table: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]!.count;
}

const rowsOf = async () => [await countOf('webhooks.events'), await countOf('webhooks.deliveries')];

describe('publishing in a transaction of one’s own', () => {
  it('delivers what was committed with one’s own rows, and tells it live', async () => {
    await using live = await LiveClient.connect(setup.api);
    const updates = live.subscribe<{ eventPublished: { event: { id: string } | null } }>(
      'subscription { eventPublished { kind event { id } } }',
    );
    await updates.next();
    const [event] = await inTransaction(async (client) => {
      await client.query(`insert into invoices values ('inv_1', true)`);
      return publishWithin(client, [paid('inv_1')]);
    });

    expect(event).toEqual({ id: expect.stringMatching(/^evt_/), deliveryCount: 1 });
    const delivery = await setup.api.deliveryOf(event!);
    expect(delivery.status).toBe('SUCCEEDED');
    const request = setup.receiver.requests.at(-1)!;
    expect(JSON.parse(request.rawBody)).toMatchObject({ id: event!.id, data: { id: 'inv_1' }, livemode: true });
    await updates.until(({ eventPublished }) => eventPublished.event?.id === event!.id);
  });

  it('leaves nothing of what was rolled back, in whole or to a savepoint', async () => {
    const before = await rowsOf();
    await inTransaction((client) => publishWithin(client, [paid('inv_2')]), 'rollback');
    expect(await rowsOf()).toEqual(before);

    const kept = await inTransaction(async (client) => {
      await client.query('savepoint mine');
      await publishWithin(client, [paid('inv_3')]);
      await client.query('rollback to savepoint mine');
      return publishWithin(client, [paid('inv_4')]);
    });
    expect((await rowsOf())[0]).toBe(before[0]! + 1);
    await setup.api.deliveryOf(kept[0]!);
  });

  it('says what has to be put right, and the transaction goes on', async () => {
    const before = await rowsOf();
    await inTransaction(async (client) => {
      const failing = publishWithin(client, [paid('inv_5'), { type: 'no.such', data: {} }]);
      await expect(failing).rejects.toMatchObject({
        name: 'PublishError',
        userErrors: [{ field: ['events', '1', 'type'], code: 'UNKNOWN_EVENT_TYPE' }],
      });
      await expect(publishWithin(client, [])).rejects.toBeInstanceOf(PublishError);
      const tooLarge = publishWithin(client, [{ type: 'invoice.paid', data: 'x'.repeat(300_000) }]);
      await expect(tooLarge).rejects.toMatchObject({ userErrors: [{ code: 'PAYLOAD_TOO_LARGE' }] });
      await client.query(`insert into invoices values ('inv_5')`);
    });
    expect(await rowsOf()).toEqual(before);
    expect((await pool.query(`select from invoices where id = 'inv_5'`)).rowCount).toBe(1);
  });

  it('refuses a pool and a connection without a transaction, and writes nothing', async () => {
    const before = await rowsOf();
    await expect(publishWithin(pool, [paid('inv_6')])).rejects.toThrow(/No transaction is open/);
    const client = await pool.connect();
    await expect(publishWithin(client, [paid('inv_6')])).rejects.toThrow(/No transaction is open/);
    client.release();
    expect(await rowsOf()).toEqual(before);
  });

  it('takes TypeORM’s manager of a transaction', async () => {
    const dataSource = await new DataSource({ type: 'postgres', url: setup.database.url }).initialize();
    const [event] = await dataSource.transaction((manager) => publishWithin(manager, [paid('inv_7')]));
    await expect(publishWithin(dataSource.manager, [paid('inv_7')])).rejects.toThrow(/No transaction is open/);
    await dataSource.destroy();
    await setup.api.deliveryOf(event!);
  });

  it('publishes for the accounts named, each to its own endpoints', async () => {
    const events = await inTransaction((client) =>
      publishWithin(client, [paid('inv_8'), { ...paid('inv_9'), account: 'other' }]),
    );
    expect(events.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 0]);
    const { nodes } = await setup.otherApi.page('events');
    expect(nodes).toEqual([{ id: events[1]!.id }]);
  });

  it('keeps nobody waiting, however long the transaction stays open, and is delivered then', async () => {
    const client = await pool.connect();
    await client.query('begin');
    const [late] = await publishWithin(client, [paid('inv_10')]);
    const meanwhile = await setup.api.publishEvent('invoice.paid');
    await setup.api.deliveryOf(meanwhile);
    await setup.api.disableEndpoint(endpoint.id);
    await setup.api.enableEndpoint(endpoint.id);
    expect(await setup.api.deliveries({ eventId: late!.id })).toEqual([]);
    await client.query('commit');
    client.release();
    await setup.api.deliveryOf(late!);
  });

  it('publishes side by side without losing or doubling any', async () => {
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        inTransaction((client) => publishWithin(client, [paid(`many_${n}`)]), n % 4 === 3 ? 'rollback' : 'commit'),
      ),
    );
    const committed = all.filter((_, n) => n % 4 !== 3).flat();
    for (const event of committed) await setup.api.deliveryOf(event);
    const received = setup.receiver.requests.filter(({ rawBody }) => rawBody.includes('many_'));
    expect(received.map(({ headers }) => headers['webhook-id']).sort()).toEqual(committed.map(({ id }) => id).sort());
  });
});

it('publishes types that were registered, by the schema that the transaction sees', async () => {
  const schema = { type: 'object', required: ['id'] };
  await pool.query(
    `insert into webhooks.event_types (name, category, description, sample_data, data_schema, created_at, updated_at)
     values ('order.shipped', 'Orders', 'Sent when it has left.', '{"id":1}', $1, now(), now())`,
    [schema],
  );
  await inTransaction(async (client) => {
    await expect(publishWithin(client, [{ type: 'order.shipped', data: {} }])).rejects.toMatchObject({
      userErrors: [{ field: ['events', '0', 'data', 'id'], code: 'INVALID' }],
    });
    // It goes on as if that had not been tried.
    const [event] = await publishWithin(client, [{ type: 'order.shipped', data: { id: 1 } }]);
    expect(event).toEqual({ id: expect.stringMatching(/^evt_/), deliveryCount: 0 });
  });
});

it('needs the rights that the documentation names, and no more', async () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/publishing.md'), 'utf8');
  const [, grants] = /^```sql\n(.*?)^```$/ms.exec(guide)!;
  const role = `backend_${Date.now()}`;
  await pool.query(`create role ${role}`);
  const client = await pool.connect();
  try {
    await client.query(grants!.replaceAll('my_backend', role));
    await client.query(`begin; set local role ${role}`);
    const [event] = await publishWithin(client, [paid('inv_12')]);
    await client.query('commit');
    await setup.api.deliveryOf(event!);
  } finally {
    await client.query(`rollback; drop owned by ${role}; drop role ${role}`);
    client.release();
  }
});

it('what is published so to an endpoint that has long been disabled is held', async () => {
  const clock = { nowMs: Date.now(), now: () => clock.nowMs };
  await using own = await setUp({ clock });
  const { api, receiver, database } = own;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.disableEndpoint(id);
  clock.nowMs += 3_000_000;
  // A look goes by in which nothing of it is open.
  await api.publishEvent('invoice.paid');
  await eventually('held', async () => (await api.endpoint(id))!.heldCount === 1);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('begin');
  await publishWithin(client, [paid('inv_11')]);
  await client.query('commit');
  await client.end();

  await eventually('held as well', async () => (await api.endpoint(id))!.heldCount === 2, 60_000);
  await api.enableEndpoint(id);
  await eventually('both delivered', async () => (await api.deliveries({ statuses: ['SUCCEEDED'] })).length === 2);
}, 90_000);
