import { expect, it } from '@jest/globals';
import { type Setup, setUp } from '../support/service.js';

const MASK = '••••••••';

it('sends the headers of an endpoint with every request, and shows the secret ones nowhere', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id, headers } = await api.createEndpoint({
    url: receiver.url,
    allEvents: true,
    headers: [
      { name: 'X-Tenant', value: 'Zoë & Søn, [42]' },
      { name: 'Authorization', value: 'Bearer correct-horse-1', secret: true },
      { name: 'Cookie', value: 'session=correct-horse-2', secret: true },
      { name: 'constructor', value: '' },
    ],
  });

  const delivery = await api.deliveryOf(await api.publishEvent('invoice.paid'));
  const { delivery: test } = await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });

  const requests = await receiver.receive(2);
  expect(requests.map((request) => request.headers)).toEqual(
    Array(2).fill(
      expect.objectContaining({
        'content-type': 'application/json',
        'x-tenant': 'Zoë & Søn, [42]',
        authorization: 'Bearer correct-horse-1',
        cookie: 'session=correct-horse-2',
        constructor: '',
      }),
    ),
  );
  expect(headers.map(({ value, secret }) => [value, secret])).toEqual([
    ['Zoë & Søn, [42]', false],
    [MASK, true],
    [MASK, true],
    ['', false],
  ]);
  for (const attempt of [delivery.attempts[0]!, test!.attempts[0]!]) {
    expect(attempt.requestHeaders.slice(-4)).toEqual([
      { name: 'x-tenant', value: 'Zoë & Søn, [42]', secret: false },
      { name: 'authorization', value: MASK, secret: true },
      { name: 'cookie', value: MASK, secret: true },
      { name: 'constructor', value: '', secret: false },
    ]);
  }
  expect(await contents(setup)).toContain('[42]');
  expect(await contents(setup)).not.toContain('correct-horse');
});

it('keeps the value of a header that is given without one, and drops a header that is not given', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({
    url: receiver.url,
    allEvents: true,
    headers: [
      { name: 'X-Tenant', value: '42' },
      { name: 'X-Region', value: 'eu' },
      { name: 'Authorization', value: 'Bearer correct-horse', secret: true },
    ],
  });

  const { endpoint } = await api.updateEndpoint({
    id,
    headers: [{ name: 'AUTHORIZATION', value: null }, { name: 'X-Plan', value: 'pro' }, { name: 'x-tenant' }],
  });

  expect(endpoint!.headers).toEqual([
    { name: 'AUTHORIZATION', value: MASK, secret: true },
    { name: 'X-Plan', value: 'pro', secret: false },
    { name: 'x-tenant', value: '42', secret: false },
  ]);
  await api.publishEvent('invoice.paid');
  const [request] = await receiver.receive(1);
  const sent = { authorization: 'Bearer correct-horse', 'x-plan': 'pro', 'x-tenant': '42' };
  expect(request!.headers).toMatchObject(sent);
  expect(request!.headers).not.toHaveProperty('x-region');

  const removed = { field: ['input', 'headers', '0', 'value'], code: 'INVALID', message: expect.any(String) };
  const again = await api.updateEndpoint({ id, headers: [{ name: 'X-Region', value: null }] });
  expect(again).toEqual({ endpoint: null, userErrors: [removed] });
  expect(await api.endpoint(id)).toMatchObject({ headers: endpoint!.headers, version: 2 });
});

it('hides a header that becomes secret, and shows one that is given anew without being', async () => {
  await using setup = await setUp();
  const { api } = setup;
  const { id } = await api.createEndpoint({
    url: 'https://example.com/',
    allEvents: true,
    headers: [{ name: 'X-Api-Key', value: 'correct-horse' }],
  });
  const update = async (header: object) =>
    (await api.updateEndpoint({ id, headers: [{ name: 'X-Api-Key', ...header }] })).endpoint!.headers;

  const hidden = [{ name: 'X-Api-Key', value: MASK, secret: true }];
  expect(await update({ value: 'correct-horse', secret: true })).toEqual(hidden);
  expect(await contents(setup)).not.toContain('correct-horse');
  expect(await update({ value: null, secret: false })).toEqual(hidden);
  expect(await update({ value: 'public' })).toEqual([{ name: 'X-Api-Key', value: 'public', secret: false }]);
});

/** Everything in the service's tables, as text. */
async function contents({ database }: Setup): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables
      where table_schema in ('webhooks', 'webhooks_queue') and table_type = 'BASE TABLE'`,
  );
  const rows = await Promise.all(tables.map(({ name }) => database.query(`select t::text from ${name} t`)));
  return JSON.stringify(rows);
}

it('takes secret values out of the answer of a receiver that echoes what it was sent', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  receiver.answer(({ headers }) => ({
    headers: { 'x-echo': headers.authorization },
    body: JSON.stringify({ got: headers.authorization, token: headers.authorization?.split(' ')[1] }),
  }));
  await api.createEndpoint({
    url: receiver.url,
    allEvents: true,
    headers: [{ name: 'Authorization', value: 'Bearer correct-horse-3', secret: true }],
  });

  const { attempts } = await api.deliveryOf(await api.publishEvent('invoice.paid'));

  expect(attempts[0]!.responseBody).toBe(JSON.stringify({ got: MASK, token: MASK }));
  expect(attempts[0]!.responseHeaders).toContainEqual({ name: 'x-echo', value: MASK, secret: false });
  expect(await contents(setup)).not.toContain('correct-horse');
});
