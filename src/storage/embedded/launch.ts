import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, rmSync } from 'node:fs';
import { chown, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { environment } from './cluster.js';
import { programFailure } from './embedded-postgres-error.js';
import type { Home } from './home.js';
import { isListening, isUnrelated, PORT, readPostmaster } from './postmaster.js';

/** How the names of directories begin that hold a server's socket. */
export const SOCKET = 'socket-';
/** What fits into the kernels' `sun_path`, on the least of them. */
const SOCKET_PATH_BYTES = 103;

export interface LaunchOptions {
  readonly home: Home;
  readonly binaries: string;
  /** PostgreSQL's log; it grows. */
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** A server that this process started, and which may have ended since. */
export interface Launch {
  readonly pid: number | undefined;
  readonly socketDirectory: string;
  /** What has been written to the log since. */
  log(): Promise<string>;
}

/**
 * Starts a server on the cluster of `home`, detached: it outlives this process and gets none of its terminal's signals.
 * Resolves as soon as the server holds the cluster, long before it takes connections, or has ended.
 */
export async function launch(options: LaunchOptions): Promise<Launch> {
  const log = await logSince(options.logFile);
  const socketDirectory = await createSocketDirectory(options.home);
  const postmaster = await spawnPostmaster(options, socketDirectory);
  postmaster.once('exit', () => rmSync(socketDirectory, { recursive: true, force: true }));
  while (postmaster.exitCode === null && postmaster.signalCode === null) {
    if ((await readPostmaster(options.home.cluster))?.pid === postmaster.pid) break;
    await delay(5);
  }
  return { pid: postmaster.pid, socketDirectory, log };
}

/** Another process holds the cluster: a server, a session that outlived a killed one, or something unrelated. */
const HELD = /pre-existing shared memory block|lock file ".*" already exists/;

/**
 * Whether to try again after a launch ended at once with this log.
 *
 * PostgreSQL takes any process with the number in `postmaster.pid` for its server. Numbers repeat, always so in
 * containers; if that process is something else, the file is removed.
 */
export async function isWorthRetrying(cluster: string, log: string): Promise<boolean> {
  if (!HELD.test(log)) return false;
  const postmaster = await readPostmaster(cluster);
  if (postmaster && isUnrelated(postmaster) && !(await isListening(postmaster))) {
    await rm(join(cluster, 'postmaster.pid'), { force: true });
  }
  return true;
}

/** A fresh one for each launch: what a killed server left in an older one is in nobody's way. */
async function createSocketDirectory({ directory, user }: Home): Promise<string> {
  const longest = join(directory, `${SOCKET}XXXXXX`, `.s.PGSQL.${PORT}.lock`);
  const parent = Buffer.byteLength(longest) <= SOCKET_PATH_BYTES ? directory : tmpdir();
  const path = await mkdtemp(join(parent, parent === directory ? SOCKET : `revkeen-${SOCKET}`));
  if (user.uid !== undefined && user.gid !== undefined) await chown(path, user.uid, user.gid);
  return path;
}

async function spawnPostmaster(options: LaunchOptions, socketDirectory: string): Promise<ChildProcess> {
  const { home, binaries, logFile, settings } = options;
  const assignments = Object.entries({
    listen_addresses: '',
    unix_socket_directories: `"${socketDirectory.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    port: `${PORT}`,
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    // Partitions: a statement over a month of days locks each table and each index of it.
    max_locks_per_transaction: '256',
    // The job table turns over many times a minute; claiming slows down with its dead rows.
    autovacuum_naptime: '10s',
    ...settings,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

  const log = await open(logFile, 'a', 0o600);
  try {
    const postmaster = spawn(join(binaries, 'bin', 'postgres'), ['-D', home.cluster, ...assignments], {
      ...home.user,
      cwd: home.directory,
      env: environment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(postmaster, 'spawn');
    postmaster.unref();
    return postmaster;
  } catch (error) {
    throw programFailure('PostgreSQL did not start', (error as Error).message);
  } finally {
    await log.close();
  }
}

/** Reads, when asked, what was written to the end of `path` since now. */
async function logSince(path: string): Promise<() => Promise<string>> {
  const { size: start } = await stat(path).catch(() => ({ size: 0 }));
  return () => text(createReadStream(path, { start }));
}
