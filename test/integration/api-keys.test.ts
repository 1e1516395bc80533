import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient, ApiKeyView } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { LiveClient, RawSocket } from '../support/live.js';
import { type Setup, setUp } from '../support/service.js';
import { setUpSeveral } from '../support/several-services.js';

const clock = { offsetMs: 0, now: () => Date.now() + clock.offsetMs };
const UPDATES = 'subscription { deliveryUpdated { kind } }';
const LIMIT = 5;

let setup: Setup;
let api: ApiClient;

beforeAll(async () => {
  setup = await setUp({ clock, env: { MAX_SOCKETS_PER_ACCOUNT: String(LIMIT) } });
  api = setup.api;
});

afterAll(async () => setup[Symbol.asyncDispose]());

const inMinutes = (minutes: number) => new Date(clock.now() + minutes * 60_000).toISOString();

async function keysOf(client: ApiClient, args = ''): Promise<ApiKeyView[]> {
  const { apiKeys } = await client.request<{ apiKeys: { nodes: ApiKeyView[] } }>(
    `{ apiKeys${args} { nodes { id name hint scopes createdAt expiresAt lastUsedAt revokedAt } } }`,
  );
  return apiKeys.nodes;
}

const statusOf = async (client: ApiClient) => (await client.send('{ viewer { accountId } }')).status;

describe('an API key', () => {
  it('is shown once, and then known by its end only', async () => {
    const { key, id, ...made } = await api.createApiKey(['events:write', 'events:read'], { name: ' Billing service ' });

    expect(key).toMatch(/^rk_live_[\w-]{48}$/);
    const { api: _, ...view } = made;
    expect(view).toEqual({
      name: 'Billing service',
      hint: key.slice(-4),
      scopes: ['events:read', 'events:write'],
      createdAt: expect.any(String),
      expiresAt: null,
      lastUsedAt: null,
      revokedAt: null,
    });
    expect(await keysOf(api, '(first: 1)')).toEqual([{ id, ...view }]);
    expect(
      await api.request('query ($id: ID!) { node(id: $id) { __typename id ... on ApiKey { hint } } }', { id }),
    ).toEqual({
      node: { __typename: 'ApiKey', id, hint: view.hint },
    });
    const { viewer } = await api.as(key).request<{ viewer: object }>('{ viewer { accountId scopes } }');
    expect(viewer).toEqual({ accountId: 'default', scopes: view.scopes });
  });

  it('is not known with a typo', async () => {
    const { key } = await api.createApiKey(['events:read']);
    const middle = key[20] === 'x' ? 'y' : 'x';

    for (const wrong of [key.slice(0, 20) + middle + key.slice(21), key.slice(1), `${key}x`, key.toLowerCase()]) {
      expect(await statusOf(api.as(wrong))).toBe(401);
    }
    expect(await statusOf(api.as(key))).toBe(200);
  });

  it('is refused from the moment at which it expires, and its socket ends', async () => {
    const { api: brief } = await api.createApiKey(['deliveries:read'], { expiresAt: inMinutes(10) });
    await using live = await LiveClient.connect(brief);
    await live.subscribe(UPDATES).next();
    expect(await statusOf(brief)).toBe(200);

    clock.offsetMs += 9 * 60_000;
    expect(await statusOf(brief)).toBe(200);
    clock.offsetMs += 60_000;

    expect(await statusOf(brief)).toBe(401);
    expect(await live.closed()).toEqual({ code: 4403, reason: 'Forbidden: the credentials have expired.' });
    await expect(LiveClient.connect(brief)).rejects.toThrow('4403');
  });

  it('that is revoked is refused within seconds, its sockets end, and others go on', async () => {
    const [revoked, other] = [await api.createApiKey(['deliveries:read']), await api.createApiKey(['deliveries:read'])];
    await using live = await LiveClient.connect(revoked.api);
    await using idle = await RawSocket.connect(revoked.api);
    await using otherLive = await LiveClient.connect(other.api);
    await live.subscribe(UPDATES).next();
    const otherUpdates = otherLive.subscribe(UPDATES);
    await otherUpdates.next();

    const { apiKey } = await api.revokeApiKey(revoked.id);

    expect(apiKey).toMatchObject({ id: revoked.id, revokedAt: expect.any(String) });
    expect((await live.closed()).code).toBe(4403);
    expect(await idle.closed()).toEqual({ code: 4403, reason: 'Forbidden: the API key has been revoked.' });
    await eventually('the key is refused', async () => (await statusOf(revoked.api)) === 401);
    await expect(LiveClient.connect(revoked.api)).rejects.toThrow('4403');
    expect((await api.revokeApiKey(revoked.id)).apiKey).toMatchObject({ revokedAt: apiKey!.revokedAt });
    expect(otherLive.socket.readyState).toBe(otherLive.socket.OPEN);
    expect(await statusOf(other.api)).toBe(200);
  });

  it.each(['key_01h2e8kqvbfwea724h75qc655w', 'nonsense', 'ep_01h2e8kqvbfwea724h75qc655w', ''])(
    'with the id %j does not exist',
    async (id) => {
      expect(await api.revokeApiKey(id)).toEqual({
        apiKey: null,
        userErrors: [{ field: ['id'], code: 'NOT_FOUND', message: expect.any(String) }],
      });
    },
  );

  it('makes no key that may do more, or for longer', async () => {
    const admin = await api.createApiKey(['keys:admin', 'events:read'], { expiresAt: inMinutes(60) });
    const create = (rest: object) =>
      admin.api.tryToCreateApiKey({ name: 'More', scopes: ['events:read'], expiresAt: inMinutes(30), ...rest });

    for (const [rest, field] of [
      [{ scopes: ['events:write'] }, 'scopes'],
      [{ scopes: ['keys:admin', 'secrets:read'] }, 'scopes'],
      [{ expiresAt: null }, 'expiresAt'],
      [{ expiresAt: inMinutes(61) }, 'expiresAt'],
    ] as const) {
      expect(await create(rest)).toMatchObject({
        apiKey: null,
        key: null,
        userErrors: [{ code: 'INVALID', field: ['input', field] }],
      });
    }
    expect(await create({})).toMatchObject({ userErrors: [] });
    expect(await create({ expiresAt: admin.expiresAt, scopes: ['keys:admin'] })).toMatchObject({ userErrors: [] });
  });

  it('says when it was used last, to within a minute', async () => {
    const { id, api: used } = await api.createApiKey(['events:read']);
    const lastUse = async () => (await keysOf(api)).find((one) => one.id === id)!.lastUsedAt;
    expect(await lastUse()).toBeNull();

    expect(await statusOf(used)).toBe(200);
    const first = await eventually('the use is written down', lastUse);
    clock.offsetMs += 60_000;
    await eventually('a later use is written down', async () => {
      await statusOf(used);
      return (await lastUse()) !== first;
    });
  });

  it('of an earlier version goes on working, with all scopes, and can be revoked', async () => {
    const key = `rk_live_${'k'.repeat(43)}`;
    await setup.database.query(
      `insert into webhooks.api_keys (account_id, id, name, scopes, key_hash, hint, created_at)
       select 'default', gen_random_uuid(), 'Old', scopes, $1, 'kkkk', now()
         from (select array_agg(s) as scopes from unnest($2::text[]) s) all_scopes`,
      [hash('sha256', key, 'buffer'), ['events:read', 'keys:admin']],
    );

    const [old] = (await keysOf(api.as(key))).filter(({ name }) => name === 'Old');
    // By itself, too.
    expect((await api.as(key).revokeApiKey(old!.id)).userErrors).toEqual([]);

    await eventually('it is refused', async () => (await statusOf(api.as(key))) === 401);
  });
});

describe('sockets of one account', () => {
  it('are as many as the operator allows; who comes when there are no more is told to come again later', async () => {
    const { otherApi } = setup;
    const { api: sameAccount } = await otherApi.createApiKey(['deliveries:read']);
    await using opened = new AsyncDisposableStack();
    const connect = async (client: ApiClient) => opened.use(await LiveClient.connect(client));
    const first = await connect(otherApi);
    for (let count = 1; count < LIMIT; count++) await connect(count % 2 ? sameAccount : otherApi);

    await expect(connect(otherApi)).rejects.toThrow('1013 Too many sockets of this account are open.');
    await expect(connect(sameAccount)).rejects.toThrow('1013');
    await connect(api);
    await first[Symbol.asyncDispose]();

    await eventually('one may come in again', () => connect(otherApi).catch(() => null));
  });
});

it('ends sockets in every process once a key is revoked in one', async () => {
  await using several = await setUpSeveral({ roles: ['api', 'api'] });
  const [one, two] = several.apis as [ApiClient, ApiClient];
  const made = await one.createApiKey(['deliveries:read']);
  await using live = await LiveClient.connect(two.as(made.key));
  await live.subscribe(UPDATES).next();

  await one.revokeApiKey(made.id);

  expect((await live.closed()).code).toBe(4403);
  await eventually('refused there too', async () => (await statusOf(two.as(made.key))) === 401);
});
