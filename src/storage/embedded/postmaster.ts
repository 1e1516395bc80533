import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

/** The server process of a cluster, as it wrote itself down in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  /** Empty until it listens. */
  readonly socketDirectory: string;
}

/** Part of the socket's file name, whatever the machine's other servers use: nothing listens on TCP. */
export const PORT = 5432;

/** The `postgresql://` URL of one of its databases. */
export function urlOf({ socketDirectory }: Postmaster, database: string): string {
  const host = encodeURIComponent(socketDirectory);
  return `postgresql://postgres@${host}:${PORT}/${encodeURIComponent(database)}?sslmode=disable`;
}

/** What `postmaster.pid` says, of a server that runs or of one that was killed; nothing after a clean stop. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    return '';
  });
  const [pid = '', , , , socketDirectory = ''] = text.split('\n');
  return /^\d+$/.test(pid) ? { pid: Number(pid), socketDirectory } : undefined;
}

/** The server that has `cluster` open at this moment, be it starting, serving or stopping. */
export async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const postmaster = await readPostmaster(cluster);
  if (!postmaster) return undefined;
  return isRunning(postmaster, cluster) || (await isListening(postmaster)) ? postmaster : undefined;
}

/**
 * Whether the process is the server of `cluster`, as far as this machine or container sees processes.
 *
 * The command line tells: after a crash another process may have the same number, and in a container whose first
 * process reaps nobody a dead server remains as a zombie, which still takes signals.
 */
export function isRunning({ pid }: Postmaster, cluster: string): boolean {
  return commandLineOf(pid).includes(cluster);
}

/** Whether there is such a process, and it is not any PostgreSQL's. */
export function isUnrelated({ pid }: Postmaster): boolean {
  return existsProcess(pid) && !/^(\S*\/)?postgres(:|\s|\0)/.test(commandLineOf(pid));
}

/** Also true for a server in another container that shares the directory. */
export function isListening({ socketDirectory }: Postmaster): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(join(socketDirectory, `.s.PGSQL.${PORT}`));
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** Program and arguments, separated by NUL or blanks; empty when the process is gone or a zombie. */
function commandLineOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function existsProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
