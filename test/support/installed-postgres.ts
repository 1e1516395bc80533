import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Traditionally `nobody`: PostgreSQL refuses to run as root. */
const UNPRIVILEGED = { uid: 65534, gid: 65534 };
const PORT = 5432;

export interface InstalledPostgresOptions {
  /** A directory with `initdb`, `pg_ctl` and `postgres` in it, such as `/usr/lib/postgresql/15/bin`. */
  programs: string;
  /** In addition to the defaults of that PostgreSQL, which are what most operators have. */
  settings?: Readonly<Record<string, string>>;
}

/** A throw-away PostgreSQL, on a unix socket only. */
export interface InstalledPostgres extends AsyncDisposable {
  /** Of the database `postgres`. */
  readonly url: string;
  urlFor(database: string): string;
  /** Has its cluster and its socket in it, and belongs to the user that it runs as. */
  readonly directory: string;
}

/** Debian's directory of a major version's programs; null where they are not installed. */
export function findInstalledPostgres(major: number): string | null {
  const programs = `/usr/lib/postgresql/${major}/bin`;
  return existsSync(join(programs, 'postgres')) ? programs : null;
}

/** Makes a cluster with somebody else's PostgreSQL and starts it. Closing it removes everything. */
export async function startInstalledPostgres({
  programs,
  settings = {},
}: InstalledPostgresOptions): Promise<InstalledPostgres> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'revkeen-postgres-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const user = process.getuid?.() === 0 ? UNPRIVILEGED : null;
  if (user) await chown(directory, user.uid, user.gid);
  const cluster = join(directory, 'cluster');
  const program = async (name: string, args: readonly string[]) => {
    const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
    await run(join(programs, name), [...args], { ...user, cwd: directory, env }).catch((error: ExecFileException) => {
      throw new Error(`${name} of ${programs} failed: ${error.stderr || error.message}`, { cause: error });
    });
  };
  await program('initdb', ['-D', cluster, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8']);
  const assignments = { listen_addresses: '', unix_socket_directories: directory, port: `${PORT}`, ...settings };
  const options = Object.entries(assignments).map(([name, value]) => `-c ${name}=${value}`);
  const log = join(directory, 'log');
  await program('pg_ctl', ['-D', cluster, '-l', log, '-w', '-t', '60', '-o', options.join(' '), 'start']);
  opened.defer(() => program('pg_ctl', ['-D', cluster, '-w', '-m', 'immediate', 'stop']));
  const closing = opened.move();
  const urlFor = (database: string) =>
    `postgresql://postgres@${encodeURIComponent(directory)}:${PORT}/${database}?sslmode=disable`;
  return { url: urlFor('postgres'), urlFor, directory, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
