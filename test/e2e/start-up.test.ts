import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isRunning, readPostmaster } from '../../src/storage/embedded/postmaster.js';
import { administer, createDatabase, createEmptyDatabase, urlOf } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { pretendToBeOld } from '../support/old-server.js';
import { PROGRAM, runProgram, startProcess } from '../support/processes.js';
import { API_KEY, testEnvironment } from '../support/service.js';

const PROJECT = join(import.meta.dirname, '..', '..');
const NOBODY = { uid: 65534, gid: 65534 };
const whyNotAsNobody = reasonAgainstNobody();

describe('on its embedded database', () => {
  it('prints its URL and an API key on the first start, and ends in order; later it prints none, and all is still there', async () => {
    await using data = await temporaryDirectory();
    const env = embedded(data.path);

    const first = await startProcess({ env });
    await using _ = first;
    const firstKey = first.apiKey;
    expect(first.stdout).toMatch(/^ {2}Dashboard {2}http:\/\/127\.0\.0\.1:\d+\/#token=rk_live_[\w-]{48}$/m);
    expect(first.stdout).toMatch(/^ {2}GraphQL {4}http:\/\/127\.0\.0\.1:\d+\/graphql$/m);
    expect(first.stdout).toMatch(/^ {2}API key {4}rk_live_[\w-]{48}$/m);
    const created = await first.api().createEndpoint({ url: 'https://example.com/webhooks', allEvents: true });
    const postgres = await postgresOf(data.path);
    const { code, stderr } = await first.stop('SIGTERM');
    expect([code, postgres.isRunning(), stderr]).toEqual([0, false, '']);
    await using second = await startProcess({ env });

    expect(second.stdout).toMatch(/^ {2}Dashboard {2}http:\/\/127\.0\.0\.1:\d+\/$/m);
    expect(second.stdout).not.toMatch(/API key|rk_live_|token/);
    expect(await second.api(firstKey).endpoint(created.id)).toMatchObject({ url: 'https://example.com/webhooks' });
    const { status, errors } = await second.api('rk_live_of-somebody-else').send('{ viewer { accountId } }');
    expect([status, errors?.[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('prints no API key when one is configured, which then works; SIGINT also ends it in order', async () => {
    await using data = await temporaryDirectory();

    await using service = await startProcess({ env: { ...embedded(data.path), BOOTSTRAP_API_KEY: API_KEY } });

    expect(service.stdout).not.toMatch(/API key/);
    expect(await service.api(API_KEY).request('{ viewer { accountId } }')).toEqual({
      viewer: { accountId: 'default' },
    });
    const postgres = await postgresOf(data.path);
    const { code } = await service.stop('SIGINT');
    expect([code, postgres.isRunning()]).toEqual([0, false]);
  });

  it('starts no second service on the same data, says so in a line, and leaves the first alone', async () => {
    await using data = await temporaryDirectory();
    await using first = await startProcess({ env: embedded(data.path) });

    const second = await runProgram(['serve'], { env: embedded(data.path) });

    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(linesOf(second.stderr)).toEqual([
      expect.stringMatching(new RegExp(`is in use by process ${first.pid}: .*another DATA_DIR`)),
    ]);
    await first.api().request('{ viewer { accountId } }');
  });

  it('refuses data of another major version of PostgreSQL, untouched, and says what to do', async () => {
    await using data = await temporaryDirectory();
    const version = join(data.path, 'postgres', 'cluster', 'PG_VERSION');
    await mkdir(dirname(version), { recursive: true });
    await writeFile(version, '15\n');
    if (process.getuid?.() === 0) await chown(dirname(version), NOBODY.uid, NOBODY.gid);

    const { code, stderr } = await runProgram(['serve'], { env: embedded(data.path) });

    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(/PostgreSQL 15, and this is PostgreSQL 18: .*DATABASE_URL/),
    ]);
    expect(await readFile(version, 'utf8')).toBe('15\n');
  });

  (whyNotAsNobody ? it.skip : it)(
    `runs as a user without rights${whyNotAsNobody ? ` (skipped: ${whyNotAsNobody})` : ''}`,
    async () => {
      await using data = await temporaryDirectory();
      await chown(data.path, NOBODY.uid, NOBODY.gid);

      await using service = await startProcess({ env: embedded(data.path), cwd: data.path, user: NOBODY });

      await service.api().request('{ viewer { accountId } }');
      expect((await stat(join(data.path, 'postgres', 'cluster'))).uid).toBe(NOBODY.uid);
      expect((await service.stop()).code).toBe(0);
    },
  );
});

describe('on a database of its operator', () => {
  it('starts in two processes at once where nothing is yet, and both work', async () => {
    await using opened = new AsyncDisposableStack();
    const database = opened.adopt(await createEmptyDatabase(), (one) => one.drop());
    const env = testEnvironment(database.url);

    const services = await Promise.all([startProcess({ env }), startProcess({ env })]);
    for (const service of services) opened.use(service);

    const [one, other] = services.map((service) => service.api(API_KEY));
    const { id } = await one!.createEndpoint({ url: 'https://example.com/webhooks', allEvents: true });
    expect(await other!.endpoint(id)).toMatchObject({ id });
  });

  it('is alive and ready, and not ready while its database is away', async () => {
    await using opened = new AsyncDisposableStack();
    const database = opened.adopt(await createDatabase(), (one) => one.drop());
    const service = opened.use(await startProcess({ env: testEnvironment(database.url) }));
    const probe = async (path: string) => (await fetch(`${service.url}${path}`)).status;
    expect([await probe('/livez'), await probe('/readyz')]).toEqual([200, 200]);

    const name = new URL(database.url).pathname.slice(1);
    await administer(`alter database ${name} allow_connections false`);
    await administer(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${name}' and application_name like 'revkeen-webhooks%'`,
    );

    expect(await probe('/readyz')).toBe(503);
    expect(await probe('/livez')).toBe(200);
    await administer(`alter database ${name} allow_connections true`);
    await eventually('ready again', async () => (await probe('/readyz')) === 200);
    await service.api(API_KEY).request('{ viewer { accountId } }');
  });

  it('has probes also where it only dispatches, and no API', async () => {
    await using opened = new AsyncDisposableStack();
    const database = opened.adopt(await createDatabase(), (one) => one.drop());

    const service = opened.use(await startProcess({ env: { ...testEnvironment(database.url), ROLES: 'dispatcher' } }));

    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${service.url}/graphql`, { method: 'POST' })).status).toBe(404);
  });

  it.each([
    [
      'nothing listens there',
      'postgres://admin:hunter2@127.0.0.1:1/webhooks',
      /ECONNREFUSED 127\.0\.0\.1:1\. Check DATABASE_URL/,
    ],
    ['its socket is not there', 'postgres://admin:hunter2@/webhooks?host=/not/there', /ENOENT .*Check DATABASE_URL/],
    [
      'its certificate is not there',
      'postgres://admin:hunter2@127.0.0.1:1/db?sslrootcert=/not/there.pem',
      /there\.pem/,
    ],
    ['a percent sign encodes nothing', 'postgres://admin:hunter2%@127.0.0.1/webhooks', /percent-encoded/],
  ])('says in a line, without the password, when %s', async (_what, url, message) => {
    const { code, stdout, stderr } = await runProgram(['serve'], { env: testEnvironment(url) });

    expect([code, stdout]).toEqual([1, '']);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(message)]);
    expect(stderr).not.toContain('hunter2');
  });

  it.each(['serve', 'migrate'])(
    'refuses a server that is too old, in a line, and changes nothing: %s',
    async (command) => {
      await using opened = new AsyncDisposableStack();
      const database = opened.adopt(await createEmptyDatabase(), (one) => one.drop());
      await pretendToBeOld(database);

      const { code, stdout, stderr } = await runProgram([command], { env: testEnvironment(database.url) });

      expect([code, stdout]).toEqual([1, '']);
      expect(linesOf(stderr)).toEqual([
        'The database is PostgreSQL 14.23, and the service needs 15 or newer: upgrade it, or point DATABASE_URL to another',
      ]);
      expect(await database.query(`select from pg_namespace where nspname like 'webhooks%'`)).toEqual([]);
    },
  );

  it('says in a line when there is no such database', async () => {
    const { code, stderr } = await runProgram(['serve'], { env: testEnvironment(urlOf('not_there')) });

    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(/database "not_there" does not exist.*Check DATABASE_URL/)]);
  });
});

describe('does not start', () => {
  it('with wrong settings, and names all that is wrong at once', async () => {
    const { code, stdout, stderr } = await runProgram(['serve'], {
      env: {
        PORT: 'seventy',
        DATABASE_URL: 'nowhere',
        ROLES: 'api,worker',
        BOOTSTRAP_API_KEY: 'short-key',
        SECRET_KEYS: 'id:c2hvcnQ=',
        RETRY_SCHEDULE: '1m,soon',
        ATTEMPT_TIMEOUT: '2d',
        WEBHOOK_ALLOW_HTTP: 'maybe',
        WEBHOOK_ALLOWED_CIDRS: '10.0.0.0/99',
        WEBHOOK_CA_FILE: '/not/there.pem',
        SIGNATURE_HEADER: 'Content-Type',
        MAX_EVENT_BYTES: '1GB',
        LOG_LEVEL: 'loud',
      },
    });

    expect([code, stdout]).toEqual([1, '']);
    expect(linesOf(stderr).map((line) => line.split(' ')[0])).toEqual([
      'PORT',
      'DATABASE_URL',
      'ROLES',
      'BOOTSTRAP_API_KEY',
      'SECRET_KEYS',
      'RETRY_SCHEDULE',
      'ATTEMPT_TIMEOUT',
      'WEBHOOK_ALLOW_HTTP',
      'WEBHOOK_ALLOWED_CIDRS',
      'WEBHOOK_CA_FILE',
      'SIGNATURE_HEADER',
      'MAX_EVENT_BYTES',
      'LOG_LEVEL',
    ]);
    expect(stderr).not.toMatch(/short-key|c2hvcnQ/);
  });

  it('on a port that is taken, says so in a line, and leaves no PostgreSQL behind', async () => {
    await using data = await temporaryDirectory();
    await using other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    const { code, stdout, stderr } = await runProgram(['serve'], {
      env: { ...embedded(data.path), PORT: `${port}` },
    });

    expect([code, stdout]).toEqual([1, '']);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(`^Port ${port} on 127.0.0.1 is taken.* set PORT`)]);
    expect(existsSync(join(data.path, 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
  });
});

it('prints the schema that is committed', async () => {
  const { code, stdout, stderr } = await runProgram(['schema']);

  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe(await readFile(join(PROJECT, 'schema.graphql'), 'utf8'));
});

function embedded(dataDir: string): Record<string, string> {
  return { PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
}

async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'revkeen-webhooks-start-up-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n');
}

/** A server that has ended may stay a zombie until the machine's first process reaps it: that is not running. */
async function postgresOf(dataDir: string): Promise<{ isRunning(): boolean }> {
  const cluster = join(dataDir, 'postgres', 'cluster');
  const postmaster = await readPostmaster(cluster);
  if (!postmaster) throw new Error(`No PostgreSQL runs in ${cluster}`);
  return { isRunning: () => isRunning(postmaster, cluster) };
}

/** Why the program cannot be run as another user here; null when it can. */
function reasonAgainstNobody(): string | null {
  if (process.getuid?.() !== 0) return 'only root may start programs as others';
  for (const file of [process.execPath, join(PROJECT, 'node_modules', 'pg', 'package.json'), PROGRAM]) {
    for (let path = file; path !== '/'; path = dirname(path)) {
      const bits = path === file ? 0o004 : 0o001;
      if ((statSync(path).mode & bits) === 0) return `${path} is closed to others`;
    }
  }
  return null;
}
