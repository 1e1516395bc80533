import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createEmptyDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { instructionsOf, layOutImage } from '../support/image.js';
import { type ProcessOptions, Program, runProgram, startProcess } from '../support/processes.js';
import { startReceiver } from '../support/receiver.js';

jest.setTimeout(120_000);

const ROOT = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** What the image holds, laid out in a folder that nobody may change, and run by a user without rights and without a home. */
let folder: string;
let app: string;
let inside: Pick<ProcessOptions, 'program' | 'cwd' | 'user'>;

beforeAll(async () => {
  folder = await mkdtemp(join(await roomyDirectory(), 'revkeen-webhooks-image-'));
  await chmod(folder, 0o755);
  app = join(folder, 'app');
  await mkdir(app);
  await layOutImage(app);
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
  inside = { program: join(app, 'dist/src/main.js'), cwd: app, user };
});

afterAll(async () => {
  await run('chmod', ['-R', 'u+w', folder]);
  await rm(folder, { recursive: true });
});

/** In memory if there is room: the image is ten thousand small files. */
async function roomyDirectory(): Promise<string> {
  const { bavail, bsize } = await statfs('/dev/shm').catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize > 1024 ** 3 ? '/dev/shm' : tmpdir();
}

/** The environment that the last stage of the Dockerfile sets. */
async function imageEnvironment(): Promise<Record<string, string>> {
  const set = instructionsOf(await readFile(join(ROOT, 'Dockerfile'), 'utf8')).findLast(({ name }) => name === 'ENV')!;
  const env = Object.fromEntries(set.value.split(' ').map((pair) => pair.split('=') as [string, string]));
  return { ...env, HOST: '127.0.0.1', HOME: '/nonexistent' };
}

describe('the image', () => {
  it('migrates, serves, dispatches and receives, and its health check says so', async () => {
    await using opened = new AsyncDisposableStack();
    const database = opened.adopt(await createEmptyDatabase(), (one) => one.drop());
    const secrets = await makeSecrets();
    const port = await freePort();
    const env = {
      ...(await imageEnvironment()),
      DATABASE_URL: database.url,
      SECRET_KEYS_FILE: join(secrets, 'secret-keys'),
      BOOTSTRAP_API_KEY_FILE: join(secrets, 'api-key'),
      WEBHOOK_ALLOW_HTTP: 'true',
      WEBHOOK_ALLOWED_CIDRS: '127.0.0.1/32',
      PORT: '0',
    };
    const apiKey = await readFile(join(secrets, 'api-key'), 'utf8');

    expect(await runProgram(['migrate'], { ...inside, env })).toMatchObject({
      code: 0,
      stdout: 'The database is up to date.\n',
      stderr: '',
    });
    const api = opened.use(await startProcess({ ...inside, env: { ...env, ROLES: 'api' } }));
    const dispatcher = opened.use(await startProcess({ ...inside, env: { ...env, ROLES: 'dispatcher' } }));
    const remote = { ...inside, env: { REVKEEN_WEBHOOKS_URL: api.url, REVKEEN_WEBHOOKS_API_KEY: apiKey } };
    const receiving = ['receive', '--as', `http://127.0.0.1:${port}/`, '--port', String(port)];
    const receiver = opened.use(new Program(receiving, remote));
    await receiver.print(/^Ready\./m);

    expect(await runProgram(['trigger', 'invoice.paid'], remote)).toMatchObject({ code: 0 });
    const line = /verified {2}invoice\.paid {2}dlv_\w+ {2}attempt 1 {2}\{"id":"evt_/;
    await eventually('a verified webhook', async () => line.test(receiver.stdout));
    for (const { url } of [api, dispatcher]) expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await isHealthy(new URL(api.url).port)).toBe(true);
    expect((await fetch(api.url)).status).toBe(200);

    await receiver.stop('SIGTERM');
    await using again = new Program(receiving, remote);
    await again.print(/^Ready\./m);
    expect(await api.api(apiKey).page('endpoints')).toMatchObject({ totalCount: 1 });
    expect(await api.stop()).toMatchObject({ code: 0 });
    expect(await dispatcher.stop()).toMatchObject({ code: 0 });
    expect(await isHealthy(new URL(api.url).port)).toBe(false);
  });

  it('says what to do when nobody tells it where its database is', async () => {
    expect(await runProgram(['serve'], { ...inside, env: await imageEnvironment() })).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^There is no embedded PostgreSQL for \S+ here: set DATABASE_URL .*\n$/),
    });
  });
});

/** Runs what the Dockerfile tells Docker to ask. */
async function isHealthy(port: string): Promise<boolean> {
  const check = instructionsOf(await readFile(join(ROOT, 'Dockerfile'), 'utf8')).find(
    ({ name }) => name === 'HEALTHCHECK',
  )!;
  const [, ...args] = JSON.parse(check.value.slice(check.value.indexOf('['))) as string[];
  return run(process.execPath, args, { env: { PORT: port } }).then(
    () => true,
    () => false,
  );
}

/** As docker-compose.yml does on the first start; the second finds them and leaves them. */
async function makeSecrets(): Promise<string> {
  const directory = join(folder, 'secrets');
  await mkdir(directory);
  const make = () => run(process.execPath, [join(ROOT, 'docker/make-secrets.mjs'), directory]);
  await make();
  const before = await readFile(join(directory, 'secret-keys'), 'utf8');
  await make();
  expect(await readFile(join(directory, 'secret-keys'), 'utf8')).toBe(before);
  return directory;
}

async function freePort(): Promise<number> {
  const receiver = await startReceiver({ tls: false });
  await receiver.close();
  return Number(new URL(receiver.url).port);
}
