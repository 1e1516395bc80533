import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { LiveClient } from '../support/live.js';
import { runProgram, startProcess } from '../support/processes.js';
import { testEnvironment } from '../support/service.js';

const VIEWER = '{ viewer { accountId scopes } }';

jest.setTimeout(120_000);

it('makes, lists and revokes keys beside a running service', async () => {
  await using opened = new AsyncDisposableStack();
  const database = opened.adopt(await createDatabase(), (one) => one.drop());
  const env = testEnvironment(database.url);
  const keys = (...args: string[]) => runProgram(['keys', ...args], { env });
  await using service = await startProcess({ env });

  const made = await keys(
    'create',
    '--name',
    'Dashboard',
    '--account',
    'third',
    '--scopes',
    'deliveries:read, events:read',
  );
  expect(made.code).toBe(0);
  const key = made.stdout.trim();
  expect(key).toMatch(/^rk_live_[\w-]{48}$/);
  const [id] = /\bkey_\w+/.exec(made.stderr)!;
  expect(made.stderr).toContain('"Dashboard"  events:read,deliveries:read');
  expect(await service.api(key).request(VIEWER)).toEqual({
    viewer: { accountId: 'third', scopes: ['events:read', 'deliveries:read'] },
  });
  await using live = await LiveClient.connect(service.api(key));
  await live.subscribe('subscription { deliveryUpdated { kind } }').next();

  const admin = service.api((await keys('create', '--name', 'Admin', '--account', 'third')).stdout.trim());
  await eventually('its use is known', async () => {
    const { node } = await admin.request<{ node: { lastUsedAt: string | null } }>(
      `{ node(id: "${id}") { ... on ApiKey { lastUsedAt } } }`,
    );
    return node.lastUsedAt;
  });
  const [used, ...others] = (await keys('list', '--account', 'third')).stdout.split('\n');
  expect(used).toMatch(new RegExp(`^${id}  account third  …${key.slice(-4)}  "Dashboard"  .*last used 2`));
  expect(others).toEqual([expect.stringContaining('"Admin"  all scopes'), '']);

  expect(await keys('revoke', id!)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'There is no API key with this ID.\n',
  });
  const revoked = await keys('revoke', id!, '--account', 'third');

  expect(revoked).toMatchObject({ code: 0, stdout: expect.stringContaining('revoked 2') });
  expect((await live.closed()).code).toBe(4403);
  await eventually('the key is refused', async () => (await service.api(key).send(VIEWER)).status === 401);
});

it.each([
  ['no scopes', ['--scopes', ''], 'Name what the key is to allow'],
  ['an end that is none', ['--expires', 'soon'], 'Give a time such as 12h'],
])('makes no key with %s', async (_what, args, message) => {
  const env = { DATA_DIR: '/dev/null/nowhere' };

  const { code, stdout, stderr } = await runProgram(['keys', 'create', '--name', 'None', ...args], { env });

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(message);
});

it('works on the embedded database while no service runs on it, and says so while one does', async () => {
  await using opened = new AsyncDisposableStack();
  const dataDir = opened.adopt(await mkdtemp(join(tmpdir(), 'revkeen-webhooks-')), (path) =>
    rm(path, { recursive: true }),
  );
  const env = { PORT: '0', DATA_DIR: dataDir };
  const keys = (...args: string[]) => runProgram(['keys', ...args], { env });
  expect(await keys('list')).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('no service has been started'),
  });

  await using first = await startProcess({ env });
  expect((await first.api().send(VIEWER)).status).toBe(200);
  const meanwhile = await keys('create', '--name', 'Too early');
  expect(meanwhile).toMatchObject({ code: 1, stdout: '' });
  expect(meanwhile.stderr).toContain(`in use by process ${first.pid}`);
  const firstKey = first.apiKey!;
  await first.stop();

  const { stdout } = await keys('create', '--name', 'Everything', '--expires', '90d');
  expect((await keys('list')).stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/ "First start" {2}all scopes .* last used /),
    expect.stringMatching(/ "Everything" {2}all scopes .* never used {2}expires /),
  ]);
  await using second = await startProcess({ env });
  expect(second.apiKey).toBeNull();
  for (const key of [firstKey, stdout.trim()]) expect((await second.api(key).send(VIEWER)).status).toBe(200);
});

it('keeps keys valid while SECRET_KEYS is replaced, and says which still need the one before', async () => {
  await using opened = new AsyncDisposableStack();
  const database = opened.adopt(await createDatabase(), (one) => one.drop());
  const secretKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
  const [before, after] = [secretKey('before'), secretKey('after')];
  const withKeys = (secretKeys: string) => ({ env: { ...testEnvironment(database.url), SECRET_KEYS: secretKeys } });
  const create = async (name: string) =>
    (await runProgram(['keys', 'create', '--name', name], withKeys(before))).stdout.trim();
  const [used, unused] = [await create('Used'), await create('Unused')];
  const rotate = () => runProgram(['keys', 'rotate-encryption'], withKeys(`${after},${before}`));

  await using both = await startProcess(withKeys(`${after},${before}`));
  expect((await both.api(used).send(VIEWER)).status).toBe(200);
  await eventually('it has come over', async () => {
    const rows = await database.query("select from webhooks.api_keys where pepper_id = 'after'");
    return rows.length === 1;
  });
  expect(await rotate()).toMatchObject({ code: 1, stdout: expect.stringContaining('1 API key would be unknown') });
  const { stdout: listed } = await runProgram(['keys', 'list'], withKeys(after));
  const [id] = /^key_\w+(?=.*"Unused".*secret key "before")/m.exec(listed)!;
  await runProgram(['keys', 'revoke', id!], withKeys(after));
  expect(await rotate()).toMatchObject({ code: 0, stderr: '' });
  await both.stop();

  await using one = await startProcess(withKeys(after));
  expect((await one.api(used).send(VIEWER)).status).toBe(200);
  expect((await one.api(unused).send(VIEWER)).status).toBe(401);
});
