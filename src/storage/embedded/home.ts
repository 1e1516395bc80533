import { chmod, lstat, mkdir, mkdtemp, realpath, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** Where everything of one embedded PostgreSQL stays: its cluster, its socket and, if it needs them, its programs. */
export interface Home {
  /** Absolute, without symbolic links. Anyone may pass through it, nobody else may list or change it. */
  readonly directory: string;
  /** The PostgreSQL cluster in it, which may not be there yet. */
  readonly cluster: string;
  /** Whom PostgreSQL runs as; empty means as this process. */
  readonly user: { readonly uid?: number; readonly gid?: number };
}

/** Traditionally `nobody`. PostgreSQL refuses to run as root. */
const UNPRIVILEGED = 65534;
const SYSTEM_HOMES = '/var/lib/revkeen-webhooks';

const runningAsRoot = process.getuid?.() === 0;

/**
 * Opens `<dataDir>/postgres`, and makes it when it is missing.
 *
 * For root that is a question of paths, because PostgreSQL then runs as another user: `dataDir` itself is made
 * passable (`o+x`), directories above it are never changed. If one of those lets nobody pass, the home becomes
 * `/var/lib/revkeen-webhooks/<random>` and `<dataDir>/postgres` a symbolic link to it.
 */
export async function openHome(dataDir: string): Promise<Home> {
  await mkdir(dataDir, { recursive: true }).catch((error) => {
    // Node also says ENOENT for a file system that is full or read-only.
    if (error.code !== 'ENOENT') throw error;
    throw new EmbeddedPostgresError(`${dataDir} cannot be made: set DATA_DIR to a directory that can be written`);
  });
  const entry = join(await realpath(dataDir), 'postgres');
  if (!(await lstat(entry).catch(() => undefined))) await createHome(entry);
  const directory = await realpath(entry).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new EmbeddedPostgresError(
      `${entry} points to a directory that is gone: bring that back, or remove the link to begin with an empty database`,
    );
  });
  const cluster = join(directory, 'cluster');
  return { directory, cluster, user: await userFor(cluster) };
}

/** Whether each of these permission bits (`0o001` to pass, `0o004` to read) is given to everybody. */
export async function allows(path: string, bits: number): Promise<boolean> {
  return ((await stat(path)).mode & bits) === bits;
}

/** Whether any user gets as far as `path`. */
export async function isReachable(path: string): Promise<boolean> {
  const parent = dirname(path);
  return parent === path || ((await allows(parent, 0o001)) && (await isReachable(parent)));
}

async function createHome(entry: string): Promise<void> {
  const dataDir = dirname(entry);
  if (runningAsRoot && !(await isReachable(dataDir))) return createSystemHome(entry);
  if (runningAsRoot) await chmod(dataDir, (await stat(dataDir)).mode | 0o001);
  await mkdir(entry, { recursive: true });
  await chmod(entry, 0o711);
}

async function createSystemHome(entry: string): Promise<void> {
  await mkdir(SYSTEM_HOMES, { recursive: true });
  await chmod(SYSTEM_HOMES, 0o711);
  const home = await mkdtemp(`${SYSTEM_HOMES}/`);
  await chmod(home, 0o711);
  await symlink(home, entry).catch(async (error) => {
    await rm(home, { recursive: true });
    if (error.code !== 'EEXIST') throw error;
  });
}

/** A cluster is run by its owner, a new one as root by an unprivileged user. */
async function userFor(cluster: string): Promise<Home['user']> {
  const owner = await stat(cluster).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (!owner) return runningAsRoot ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  if (runningAsRoot && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  if (runningAsRoot) {
    throw new EmbeddedPostgresError(
      `${cluster} belongs to root, as whom PostgreSQL refuses to run: chown -R ${UNPRIVILEGED}:${UNPRIVILEGED} ${cluster}`,
    );
  }
  if (process.getuid && owner.uid !== process.getuid()) {
    throw new EmbeddedPostgresError(
      `${cluster} belongs to the user with id ${owner.uid}: run as that user, or change its owner with chown -R`,
    );
  }
  return {};
}
