import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { ApiClient } from '../support/api.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { runProgram, startProcess } from '../support/processes.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { API_KEY, testEnvironment, writeCa } from '../support/service.js';

const keyOf = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const ROTATE = ['keys', 'rotate-encryption'];

jest.setTimeout(120_000);

it('replaces the key under load: deliveries go on and verify, and afterwards the new key is all it takes', async () => {
  await using opened = new AsyncDisposableStack();
  const receiver = opened.adopt(await startReceiver(), (one) => one.close());
  const database = opened.adopt(await createDatabase(), (one) => one.drop());
  const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
  const [oldKey, newKey] = [keyOf('old'), keyOf('new')];
  const env = { ...testEnvironment(database.url), WEBHOOK_CA_FILE: caFile, RETRY_SCHEDULE: '100ms' };
  const start = (secretKeys: string) => startProcess({ env: { ...env, SECRET_KEYS: secretKeys } });
  receiver.answer(({ headers }, _response, count) => ({
    status: headers['x-revkeen-attempt'] === '1' && count % 10 === 0 ? 500 : 200,
  }));

  // Everything is encrypted with the old key, and half of it twice.
  const secrets = new Map<string, string>();
  const before = await start(oldKey);
  opened.use(before);
  for (let index = 0; index < 20; index++) {
    const { id, signingSecret } = await before.api(API_KEY).createEndpoint({
      url: `${receiver.url}/${index}`,
      allEvents: true,
      headers: [{ name: 'X-Token', value: `token ${index}`, secret: true }],
    });
    secrets.set(`/webhooks/${index}`, signingSecret);
    if (index % 2 === 0) await before.api(API_KEY).rotateSigningSecret({ id });
  }
  expect(await recordsOf('old')).toHaveLength(50);
  await before.stop();

  await using service = await start(`${newKey},${oldKey}`);
  await using load = startLoad(service.api(API_KEY), receiver);
  await receiver.receive(100, { timeoutMs: 30_000 });
  const rotation = await runProgram(ROTATE, { env: { ...env, SECRET_KEYS: `${newKey},${oldKey}` } });
  await receiver.receive(100, { after: receiver.requests.length, timeoutMs: 30_000 });
  await load.stop();

  expect(rotation).toMatchObject({ code: 0, stderr: '' });
  expect(rotation.stdout).toMatch(
    /^50 secrets of 20 endpoints encrypted anew with the key "new"\.\nNo .* "old" any more/,
  );
  expect(await recordsOf('old')).toEqual([]);
  expect(await recordsOf('new')).toHaveLength(50);
  await eventually('all delivered', async () => {
    const statuses = ['PENDING', 'RETRYING', 'HELD', 'FAILED'];
    return (await service.api(API_KEY).deliveries({ statuses })).length === 0;
  });
  await service.stop();

  await using after = await start(newKey);
  const soFar = receiver.requests.length;
  await after.api(API_KEY).publishEvent('invoice.paid');
  const requests = await receiver.receive(20, { after: soFar, timeoutMs: 30_000 });
  expect(new Set(requests.map(({ path }) => path))).toEqual(new Set(secrets.keys()));
  for (const request of receiver.requests) {
    const { path, rawBody, headers } = request;
    expect(() => new Webhook(secrets.get(path)!).verify(rawBody, headers as Record<string, string>)).not.toThrow();
    expect(headers['x-token']).toBe(`token ${path.split('/').pop()}`);
  }

  async function recordsOf(key: string): Promise<string[]> {
    const rows = await database.query<{ text: string }>('select t::text as text from webhooks.endpoints t');
    return rows.flatMap(({ text }) => text.match(new RegExp(`\\bv1\\.${key}\\.`, 'g')) ?? []);
  }
});

it('works on the embedded database as well, once no service runs on it, and goes on past what it cannot read', async () => {
  await using data = new AsyncDisposableStack();
  const dataDir = data.adopt(await mkdtemp(join(tmpdir(), 'revkeen-webhooks-')), (path) =>
    rm(path, { recursive: true }),
  );
  const env = { PORT: '0', DATA_DIR: dataDir, BOOTSTRAP_API_KEY: API_KEY };
  const keyFile = join(dataDir, 'secret-keys');

  expect(await runProgram(ROTATE, { env })).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining(dataDir) });
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false);

  await using first = await startProcess({ env });
  const { id, signingSecret } = await first
    .api(API_KEY)
    .createEndpoint({ url: 'https://example.com/', allEvents: true });
  const whileItRuns = await runProgram(ROTATE, { env });
  expect(whileItRuns).toMatchObject({ code: 1, stdout: '' });
  expect(whileItRuns.stderr).toMatch(new RegExp(`in use by process ${first.pid}: stop that first`));
  await first.stop();

  const [oldKey, newKey] = [(await readFile(keyFile, 'utf8')).trim(), keyOf('new')];
  const without = await runProgram(ROTATE, { env: { ...env, SECRET_KEYS: newKey } });
  expect(without.code).toBe(1);
  expect(without.stderr).toContain(`${id} of account default: the signing secret is left as it is.`);
  expect(without.stdout).toMatch(
    /^0 secrets of 0 endpoints .*\n1 secret could not be read: add the key to SECRET_KEYS/,
  );

  await writeFile(keyFile, `${newKey},${oldKey}\n`);
  const rotation = await runProgram(ROTATE, { env });
  expect(rotation).toMatchObject({ code: 0, stderr: '' });
  expect(rotation.stdout).toMatch(/^1 secret of 1 endpoint encrypted anew with the key "new"\./);

  await writeFile(keyFile, `${newKey}\n`);
  await using second = await startProcess({ env });
  expect((await second.api(API_KEY).revealSigningSecret(id)).signingSecret).toBe(signingSecret);
  for (const { stdout, stderr } of [whileItRuns, without, rotation]) {
    for (const secret of [signingSecret, oldKey.split(':')[1]!, newKey.split(':')[1]!]) {
      expect(stdout + stderr).not.toContain(secret);
    }
  }
});

/** Publishes one event after the other, each once the one before it is delivered, until it is told to stop. */
function startLoad(api: ApiClient, receiver: Receiver) {
  let isStopped = false;
  const publishing = (async () => {
    for (let number = 1; !isStopped; number++) {
      await api.publishEvent('invoice.paid', { number });
      await receiver.receive(number * 20, { timeoutMs: 30_000 });
    }
  })();
  // Told by `stop`; until then nobody listens.
  publishing.catch(() => {});
  const stop = async () => {
    isStopped = true;
    await publishing;
  };
  return { stop, [Symbol.asyncDispose]: stop };
}
