import { expect, it } from '@jest/globals';
import { API_KEY, OTHER_API_KEY, setUp } from '../support/service.js';

it('delivers the events of each account to its own endpoints, also when they are published together', async () => {
  await using setup = await setUp();
  const { api, otherApi, receiver } = setup;
  await api.createEndpoint({ url: `${receiver.url}/default`, allEvents: true });
  await otherApi.createEndpoint({ url: `${receiver.url}/other`, allEvents: true });

  await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const [account, client] = index % 2 ? (['default', api] as const) : (['other', otherApi] as const);
      return client.tryToPublish({ type: 'invoice.paid', data: { account }, idempotencyKey: `key-${index >> 1}` });
    }),
  );

  for (const { path, rawBody } of await receiver.receive(20)) {
    expect(path).toBe(`/webhooks/${JSON.parse(rawBody).data.account}`);
  }
  expect((await api.page('events')).nodes).toHaveLength(10);
});

it('keeps neither keys nor signing secrets in clear, nor the secrets of a rotation', async () => {
  await using setup = await setUp();
  const { api, otherApi, receiver, database } = setup;
  const { id, signingSecret } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const { signingSecret: next } = await api.rotateSigningSecret({ id });
  const { key: storedKey } = await otherApi.createApiKey(['events:read']);
  const { viewer } = await api.as(storedKey).request<{ viewer: object }>('{ viewer { accountId } }');
  expect(viewer).toEqual({ accountId: 'other' });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });
  await api.revealSigningSecret(id);

  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  expect(tables.map(({ name }) => name)).toContain('webhooks.endpoints');
  for (const { name } of tables) {
    const rows = await database.query<{ text: string }>(`select t::text as text from ${name} t`);
    const dump = rows.map(({ text }) => text).join('\n');
    for (const secret of ['whsec_', signingSecret, next!, API_KEY, OTHER_API_KEY, storedKey]) {
      for (const form of [secret, secret.replace('whsec_', ''), Buffer.from(secret).toString('hex')]) {
        if (form !== '') expect({ name, found: dump.includes(form) }).toEqual({ name, found: false });
      }
    }
  }
});
