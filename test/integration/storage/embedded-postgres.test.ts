import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  lchown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  EmbeddedPostgresError,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../../src/storage/embedded-postgres.js';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

/** A data directory with a cluster, for all tests that do not care what is in it: making one takes a second. */
let usedDataDir: string;

/** What a test leaves to be undone, last first. */
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  usedDataDir = await mkdtemp(join(tmpdir(), 'embedded-postgres-'));
  await (await startEmbeddedPostgres({ dataDir: usedDataDir })).stop();
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

afterAll(() => rm(usedDataDir, { recursive: true }));

describe('The embedded PostgreSQL', () => {
  it('makes its database on the first start and keeps what is in it for the next', async () => {
    const dataDir = join(await temporaryDirectory(), 'not', 'there', 'yet');

    const first = await start({ dataDir });
    await query(first.url, "create table notes as select 'kept' as note");
    await first.stop();
    const second = await start({ dataDir });

    expect(await query(second.url, 'select note, current_database() as database from notes')).toEqual([
      { note: 'kept', database: 'revkeen_webhooks' },
    ]);
  });

  it('serves several databases, and lets settings be set', async () => {
    const postgres = await start({ database: 'tenant', settings: { max_connections: '17' } });

    await query(postgres.url, 'create database other');

    expect(await query(postgres.urlFor('other'), 'select current_database() as name')).toEqual([{ name: 'other' }]);
    expect(await query(postgres.url, 'show max_connections')).toEqual([{ max_connections: '17' }]);
  });

  it('listens on a socket that nobody else can reach, writes to disk, and stores UTF-8', async () => {
    const postgres = await start({});

    const [settings] = await query(
      postgres.url,
      `select current_setting('listen_addresses') as listen, current_setting('fsync') as fsync,
              current_setting('server_encoding') as encoding, upper('é') as upper`,
    );

    expect(settings).toEqual({ listen: '', fsync: 'on', encoding: 'UTF8', upper: 'É' });
    expect((await stat(socketDirectoryOf(postgres))).mode & 0o777).toBe(0o700);
  });

  it('leaves nothing but the cluster when it stops', async () => {
    const dataDir = usedDataDir;
    const postgres = await start({ dataDir });

    await postgres.stop();
    await postgres.stop();

    await expect(query(postgres.url, 'select')).rejects.toThrow('ENOENT');
    const names = await readdir(join(dataDir, 'postgres'));
    expect(names.filter((name) => !name.startsWith('binaries-'))).toEqual(['cluster']);
    expect(existsSync(lockFileIn(dataDir))).toBe(false);
  });

  it('finds a way when the path is too long for a socket', async () => {
    const dataDir = join(await temporaryDirectory(), 'long'.repeat(30));

    const postgres = await start({ dataDir });

    expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const socketDirectory = socketDirectoryOf(postgres);
    await postgres.stop();
    await expect(stat(socketDirectory)).rejects.toThrow('ENOENT');
  });

  it('tells its owner when the server dies', async () => {
    const dataDir = usedDataDir;
    const exit = Promise.withResolvers<string>();
    await start({ dataDir, onExit: exit.resolve });

    process.kill(await postmasterOf(dataDir), 'SIGKILL');

    expect(await exit.promise).toContain(join(dataDir, 'postgres.log'));
  });

  describe('with several processes on one data directory', () => {
    it('belongs to the first, and says so to the others', async () => {
      const dataDir = usedDataDir;
      const owner = await start({ dataDir });

      const refused = start({ dataDir });

      await expect(refused).rejects.toThrow(EmbeddedPostgresError);
      await expect(refused).rejects.toThrow(`in use by process ${process.pid}`);
      expect(await query(owner.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    });

    it('belongs to one of those that start at the same moment', async () => {
      const dataDir = await temporaryDirectory();

      const starts = await Promise.allSettled([start({ dataDir }), start({ dataDir }), start({ dataDir })]);

      expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of starts) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(EmbeddedPostgresError);
      }
    });

    it('takes over the server of an owner that was killed', async () => {
      const dataDir = usedDataDir;
      const owner = await startInProcess(dataDir);
      await query(owner.url, "create table notes as select 'committed' as note");
      const postmaster = await postmasterOf(dataDir);

      await owner.kill('SIGKILL');
      const heir = await start({ dataDir });

      expect(await postmasterOf(dataDir)).toBe(postmaster);
      expect(await query(heir.url, 'select note from notes')).toEqual([{ note: 'committed' }]);
      await heir.stop();
      await expect(query(heir.url, 'select')).rejects.toThrow('ENOENT');
    });

    it('starts a new server when the orphaned one is shutting down', async () => {
      const dataDir = usedDataDir;
      const owner = await startInProcess(dataDir);
      const postmaster = await postmasterOf(dataDir);

      await owner.kill('SIGKILL');
      process.kill(postmaster, 'SIGINT');
      const heir = await start({ dataDir });

      expect(await postmasterOf(dataDir)).not.toBe(postmaster);
      expect(await query(heir.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    });

    it('recovers when owner and server were both killed', async () => {
      const dataDir = usedDataDir;
      const owner = await startInProcess(dataDir);
      await query(owner.url, "create table other_notes as select 'committed' as note");

      process.kill(await postmasterOf(dataDir), 'SIGKILL');
      await owner.kill('SIGKILL');
      const heir = await start({ dataDir });

      expect(await query(heir.url, 'select note from other_notes')).toEqual([{ note: 'committed' }]);
    });

    it('is not fooled by another process that has the number of a killed server', async () => {
      const dataDir = usedDataDir;
      const owner = await startInProcess(dataDir);
      const postmaster = await postmasterOf(dataDir);
      process.kill(postmaster, 'SIGKILL');
      await owner.kill('SIGKILL');
      const bystander = spawn('sleep', ['60'], isRoot ? { uid: NOBODY, gid: NOBODY } : {});
      undo.push(async () => bystander.kill());
      const lock = await readFile(lockFileIn(dataDir), 'utf8');
      await writeFile(lockFileIn(dataDir), lock.replace(`${postmaster}`, `${bystander.pid}`));

      const heir = await start({ dataDir });

      expect(await query(heir.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(bystander.exitCode).toBeNull();
    });

    it('goes on when its owner is interrupted from the terminal', async () => {
      const dataDir = usedDataDir;
      const owner = await startInProcess(dataDir);
      const postmaster = await postmasterOf(dataDir);

      await owner.kill('SIGINT', { group: true });
      const heir = await start({ dataDir });

      expect(await postmasterOf(dataDir)).toBe(postmaster);
      expect(await query(heir.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    });
  });

  describe('refuses, and says what to do,', () => {
    it('when the cluster was written by another major version', async () => {
      const dataDir = usedDataDir;
      const versionFile = join(dataDir, 'postgres', 'cluster', 'PG_VERSION');
      const version = await readFile(versionFile, 'utf8');
      undo.push(() => writeFile(versionFile, version));
      await writeFile(versionFile, '15\n');

      await refusal(
        dataDir,
        /written by PostgreSQL 15, and this is PostgreSQL \d+: move it away .* or set DATABASE_URL/,
      );
    });

    it('when something else is where the cluster should be', async () => {
      const dataDir = await temporaryDirectory();
      await mkdir(join(dataDir, 'postgres', 'cluster'), { recursive: true });
      if (isRoot) await chown(join(dataDir, 'postgres', 'cluster'), NOBODY, NOBODY);

      await refusal(dataDir, /is not a PostgreSQL cluster: move it away/);
    });

    it('when the data directory is a file', async () => {
      const dataDir = join(await temporaryDirectory(), 'file');
      await writeFile(dataDir, '');

      await refusal(dataDir, /is not a directory: set DATA_DIR/);
    });

    (isRoot ? it.skip : it)('when the data directory is not writable (root may write anywhere)', async () => {
      const dataDir = await temporaryDirectory();
      await chmod(dataDir, 0o500);

      await refusal(dataDir, /is not accessible for this user: .* set DATA_DIR/);
    });

    it('when PostgreSQL does not start, in its own words', async () => {
      const refused = start({ settings: { max_wal_size: 'plenty' } });

      await expect(refused).rejects.toThrow(EmbeddedPostgresError);
      await expect(refused).rejects.toThrow(/did not start: .*FATAL: invalid value for parameter "max_wal_size"/);
    });
  });

  (isRoot ? describe : describe.skip)('started by root (skipped: needs root)', () => {
    it('lives elsewhere when the data directory is below one that only root may enter', async () => {
      const privateDirectory = join(await temporaryDirectory(), 'private');
      const dataDir = join(privateDirectory, 'checkout', 'data');
      await mkdir(privateDirectory, { mode: 0o700 });

      const first = await start({ dataDir });
      const home = await readlink(join(dataDir, 'postgres'));
      undo.unshift(
        () => rmdir(dirname(home)).catch(() => {}),
        () => rm(home, { recursive: true }),
      );
      await query(first.url, "create table notes as select 'kept' as note");
      await first.stop();
      const second = await start({ dataDir });

      expect(dirname(home)).toBe('/var/lib/revkeen-webhooks');
      expect((await stat(privateDirectory)).mode & 0o777).toBe(0o700);
      expect(await query(second.url, 'select note from notes')).toEqual([{ note: 'kept' }]);
    });

    it('refuses to begin anew when that other place is gone', async () => {
      const dataDir = await temporaryDirectory();
      await symlink(join(dataDir, 'gone'), join(dataDir, 'postgres'));

      await refusal(dataDir, /points to a directory that is gone: bring that back/);
    });

    it('runs a cluster as the user who owns it', async () => {
      const dataDir = await temporaryDirectory();
      const cluster = join(dataDir, 'postgres', 'cluster');
      await (await start({ dataDir })).stop();
      for (const name of await readdir(cluster, { recursive: true })) await lchown(join(cluster, name), 1, 1);
      await chown(cluster, 1, 1);

      const postgres = await start({ dataDir });

      expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect((await stat(join(cluster, 'postmaster.pid'))).uid).toBe(1);
    });

    it('refuses a cluster that belongs to root', async () => {
      const dataDir = await temporaryDirectory();
      await mkdir(join(dataDir, 'postgres', 'cluster'), { recursive: true });

      await refusal(dataDir, /belongs to root, as whom PostgreSQL refuses to run: chown -R/);
    });
  });
});

async function start(options: Partial<EmbeddedPostgresOptions>): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir: usedDataDir, ...options });
  undo.push(() => postgres.stop());
  return postgres;
}

async function refusal(dataDir: string, message: RegExp): Promise<void> {
  const refused = start({ dataDir });
  await expect(refused).rejects.toThrow(EmbeddedPostgresError);
  await expect(refused).rejects.toThrow(message);
}

/** Starts PostgreSQL in a Node process of its own, which loads the sources by stripping their types. */
async function startInProcess(dataDir: string) {
  const source = pathToFileURL(join(import.meta.dirname, '../../../src/storage/embedded-postgres.ts'));
  const program = `
    import { registerHooks } from 'node:module';
    const isSource = ({ parentURL }) => parentURL?.endsWith('.ts');
    registerHooks({
      resolve: (name, context, next) => next(isSource(context) ? name.replace(/^(\\..*)\\.js$/, '$1.ts') : name, context),
    });
    const { startEmbeddedPostgres } = await import('${source}');
    const { url } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(url);
  `;
  const owner = spawn(
    process.execPath,
    ['--experimental-strip-types', '--no-warnings', '--input-type=module', '--eval', program],
    // A process group of its own stands for a terminal's.
    { detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exit = once(owner, 'exit');
  undo.push(async () => {
    owner.kill('SIGKILL');
    await exit;
    if (existsSync(lockFileIn(dataDir))) await (await startEmbeddedPostgres({ dataDir })).stop();
  });
  const died = exit.then(([code]) => Promise.reject(new Error(`The owner ended at once with ${code}`)));
  const [firstLine] = await Promise.race([once(owner.stdout, 'data'), died]);
  return {
    url: `${firstLine}`.trim(),
    /** Resolves when the process is gone. */
    async kill(signal: NodeJS.Signals, { group = false } = {}): Promise<void> {
      process.kill(group ? -owner.pid! : owner.pid!, signal);
      await exit;
    },
  };
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client
    .query(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

/** A directory that other users may pass through, and that is gone after the test. */
async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'embedded-postgres-'));
  undo.push(() => rm(directory, { recursive: true }));
  await chmod(directory, 0o711);
  return directory;
}

function lockFileIn(dataDir: string): string {
  return join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
}

/** The number of the server's process. */
async function postmasterOf(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(lockFileIn(dataDir), 'utf8'), 10);
}

function socketDirectoryOf({ url }: EmbeddedPostgres): string {
  return decodeURIComponent(new URL(url).hostname);
}
