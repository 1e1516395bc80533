import { expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api.js';
import { setUp } from '../support/service.js';

it('tells every endpoint that is subscribed, of the same account, and no other', async () => {
  await using setup = await setUp();
  const { api, otherApi, receiver } = setup;
  const all = await api.createEndpoint({ url: `${receiver.url}/all`, allEvents: true });
  const some = await api.createEndpoint({
    url: `${receiver.url}/some`,
    eventTypes: ['invoice.paid', 'customer.created'],
  });
  await api.createEndpoint({ url: `${receiver.url}/others`, eventTypes: ['invoice.created'] });
  await otherApi.createEndpoint({ url: `${receiver.url}/stranger`, allEvents: true });

  const { event, deliveryCount, duplicate } = await api.tryToPublish({ type: 'invoice.paid', data: { total: 1 } });

  expect({ deliveryCount, duplicate }).toEqual({ deliveryCount: 2, duplicate: false });
  const requests = await receiver.receive(2);
  expect(new Set(requests.map(({ path }) => path))).toEqual(new Set(['/webhooks/all', '/webhooks/some']));
  expect(JSON.parse(event!.body)).toEqual({
    id: event!.id,
    type: 'invoice.paid',
    created: event!.createdAt,
    livemode: true,
    data: { total: 1 },
  });
  const deliveries = await api.deliveries({ eventId: event!.id });
  expect(new Set(deliveries.map(({ endpoint }) => endpoint.id))).toEqual(new Set([all.id, some.id]));
  expect(await otherApi.deliveries()).toEqual([]);
});

it('stores an event that nobody is subscribed to', async () => {
  await using setup = await setUp();
  const { api } = setup;

  const { event, deliveryCount } = await api.tryToPublish({ type: 'invoice.paid', data: [] });

  expect(deliveryCount).toBe(0);
  const query =
    'query ($id: ID!) { event(id: $id) { id type data livemode idempotencyKey deliveries { totalCount } } }';
  expect(await api.request(query, { id: event!.id })).toEqual({
    event: {
      id: event!.id,
      type: 'invoice.paid',
      data: [],
      livemode: true,
      idempotencyKey: null,
      deliveries: { totalCount: 0 },
    },
  });
});

it('publishes a thousand at once, answers in their order, and refuses more or none', async () => {
  await using setup = await setUp();
  const { api, database } = setup;
  const input = Array.from({ length: 1_001 }, (_, index) => ({ type: 'invoice.paid', data: { index } }));

  const { results, userErrors } = await api.publishEvents(input.slice(0, 1_000));
  expect(userErrors).toEqual([]);
  expect(results.map(({ event }) => JSON.parse(event!.body).data.index)).toEqual([...Array(1_000).keys()]);
  expect(new Set(results.map(({ event }) => event!.id)).size).toBe(1_000);
  expect(await database.query('select distinct xmin::text from webhooks.events')).toHaveLength(1);

  expect(await api.publishEvents(input)).toEqual({
    results: [],
    userErrors: [{ field: ['input'], code: 'TOO_MANY', message: expect.stringContaining('1000') }],
  });
  expect(await api.publishEvents([])).toEqual({
    results: [],
    userErrors: [{ field: ['input'], code: 'INVALID', message: expect.any(String) }],
  });
  expect(await database.query('select from webhooks.events')).toHaveLength(1_000);
});

it('publishes all or none, and says of each mistake where it is', async () => {
  await using setup = await setUp({ env: { MAX_EVENT_BYTES: '1KiB' } });
  const { api, receiver, database } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const good = { type: 'invoice.paid', data: {} };

  const { results, userErrors } = await api.publishEvents([
    good,
    { type: 'no.such_type', data: {} },
    good,
    { type: 'nor.this', data: 'x'.repeat(1_025), idempotencyKey: '' },
  ]);

  expect(results).toEqual([]);
  expect(userErrors).toEqual([
    { field: ['input', '1', 'type'], code: 'UNKNOWN_EVENT_TYPE', message: expect.any(String) },
    { field: ['input', '3', 'type'], code: 'UNKNOWN_EVENT_TYPE', message: expect.any(String) },
    { field: ['input', '3', 'data'], code: 'PAYLOAD_TOO_LARGE', message: expect.any(String) },
    { field: ['input', '3', 'idempotencyKey'], code: 'INVALID', message: expect.any(String) },
  ]);
  expect(await database.query('select from webhooks.events')).toEqual([]);
  expect(await database.query('select from webhooks.deliveries')).toEqual([]);
});

it('takes data up to the limit, counted in bytes as JSON, and no deeper than a thousand levels', async () => {
  await using setup = await setUp({ env: { MAX_EVENT_BYTES: '4KiB' } });
  const { api } = setup;
  const text = (length: number, character = 'x') => `"${character.repeat(length)}"`;
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

  for (const data of [text(4_094), text(2_047, 'ü'), nested(1_000)]) {
    expect((await publishText(api, data)).userErrors).toEqual([]);
  }

  for (const [data, code] of [
    [text(4_095), 'PAYLOAD_TOO_LARGE'],
    [text(2_048, 'ü'), 'PAYLOAD_TOO_LARGE'],
    [text(700, '\\u0001'), 'PAYLOAD_TOO_LARGE'],
    [nested(1_001), 'INVALID'],
    [nested(100_000), expect.stringMatching(/^(INVALID|PAYLOAD_TOO_LARGE)$/)],
    // Neither null nor what JSON has no number for is data.
    ['1e400', 'INVALID'],
  ] as const) {
    expect(await publishText(api, data)).toEqual({
      event: null,
      deliveryCount: 0,
      duplicate: false,
      userErrors: [{ field: ['input', 'data'], code }],
    });
  }
});

it('sends and stores a body that parsing and writing again leaves as it is, whatever the data', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const texts = [
    'false',
    '-0.0',
    '[1e400]',
    '12345678901234567890.1',
    '"\\ud800 \\u0000 \\u2028 \\/ é 🧾 </script>"',
    '{"b": 1, "10": 2, "2": 3, "b": 4, "": null}',
    '{"__proto__": {"a": 1}, "constructor": {"prototype": {}}, "toJSON": "x"}',
    '[1.0, [], {}, [null, "id", {"id": "evt_1", "data": "data"}]]',
  ];

  for (const [index, text] of texts.entries()) {
    const { event } = await publishText(api, text);
    const { body, data } = event!;

    const rewritten = JSON.stringify(JSON.parse(text));
    expect(JSON.stringify(JSON.parse(body))).toBe(body);
    expect(body.endsWith(`,"data":${rewritten}}`)).toBe(true);
    expect(JSON.stringify(data)).toBe(rewritten);
    expect((await receiver.receive(1, { after: index }))[0]!.rawBody).toBe(body);
    expect((await api.page('events', { first: 1 }, 'body')).nodes).toEqual([{ body }]);
  }
});

it('takes data written into the document', async () => {
  await using setup = await setUp();

  const { publishEvent } = await setup.api.request<{ publishEvent: unknown }>(
    `mutation ($price: JSON!, $name: JSON) { publishEvent(input: { type: "invoice.paid", data: {
        lines: [{ price: $price, name: $name, count: 3, weight: 1.5e0, gift: false, note: null, text: """a "b" c""" }]
      } }) { event { data } userErrors { code } } }`,
    { price: { amount: 100 } },
  );

  expect(publishEvent).toEqual({
    event: {
      data: { lines: [{ price: { amount: 100 }, count: 3, weight: 1.5, gift: false, note: null, text: 'a "b" c' }] },
    },
    userErrors: [],
  });
});

it('lets concurrent publishes share commits, and answers each after its own', async () => {
  await using setup = await setUp();
  const { api, database } = setup;

  await Promise.all(
    Array.from({ length: 200 }, async () => {
      const { id } = await api.publishEvent('invoice.paid');
      expect(await api.request('query ($id: ID!) { event(id: $id) { id } }', { id })).toEqual({ event: { id } });
    }),
  );

  const rows = await database.query(
    'select count(*)::int as events, count(distinct xmin::text)::int as commits from webhooks.events',
  );
  const [{ events, commits }] = rows as [{ events: number; commits: number }];
  expect(events).toBe(200);
  expect(commits).toBeLessThan(events);
});

it('lets nobody pay for a publish that fails at the same moment', async () => {
  await using setup = await setUp({ env: { LOG_LEVEL: 'silent' } });
  const { api, database } = setup;
  await database.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'This one cannot be stored'; end $$;
    create trigger refuse_poison before insert on webhooks.events
      for each row when (new.body like '%poison%') execute function refuse()`);
  await api.tryToPublish({ type: 'invoice.paid', data: 'first', idempotencyKey: 'taken' });

  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      if (index % 10 === 5) return api.send(PUBLISH, { input: { type: 'invoice.paid', data: 'poison' } });
      const conflicts = index % 10 === 7;
      return api.send<{ publishEvent: { userErrors: { code: string }[] } }>(PUBLISH, {
        input: { type: 'invoice.paid', data: index, ...(conflicts && { idempotencyKey: 'taken' }) },
      });
    }),
  );

  for (const [index, { data, errors }] of answers.entries()) {
    if (index % 10 === 5) expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    else {
      const codes = index % 10 === 7 ? [{ code: 'IDEMPOTENCY_CONFLICT' }] : [];
      expect(data).toEqual({ publishEvent: { userErrors: codes } });
    }
  }
  expect(await database.query('select from webhooks.events')).toHaveLength(1 + 32);
});

const PUBLISH = 'mutation ($input: PublishEventInput!) { publishEvent(input: $input) { userErrors { code } } }';

interface Published {
  event: { body: string; data: unknown } | null;
  deliveryCount: number;
  userErrors: { field: string[]; code: string }[];
}

/** Publishes data that is JSON text already, which not everything is that JavaScript can write. */
async function publishText(api: ApiClient, data: string): Promise<Published> {
  const query = `mutation ($input: PublishEventInput!) {
    publishEvent(input: $input) { event { body data } deliveryCount duplicate userErrors { field code } } }`;
  const response = await api.post(
    `{"query": ${JSON.stringify(query)}, "variables": {"input": {"type": "invoice.paid", "data": ${data}}}}`,
  );
  return ((await response.json()) as { data: { publishEvent: Published } }).data.publishEvent;
}
