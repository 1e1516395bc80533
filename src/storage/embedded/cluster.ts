import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildDirectory } from './build-directory.js';
import { EmbeddedPostgresError, programFailure } from './embedded-postgres-error.js';
import type { Home } from './home.js';

/** All that PostgreSQL's programs get to see of the environment, which holds secrets and `PG*` variables. */
export const environment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Refuses a cluster that PostgreSQL `major` cannot open. One that is not there yet is fine. */
export async function refuseOtherMajor(cluster: string, major: string): Promise<void> {
  if (!existsSync(cluster)) return;
  const found = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new EmbeddedPostgresError(`${cluster} is not a PostgreSQL cluster: move it away to begin with an empty one`);
  });
  if (found.trim() === major) return;
  throw new EmbeddedPostgresError(
    `${cluster} was written by PostgreSQL ${found.trim()}, and this is PostgreSQL ${major}: ` +
      `move it away and restore a dump, or set DATABASE_URL to a PostgreSQL ${found.trim()} server that runs on it`,
  );
}

/** Creates the cluster of `home` if it has none. A run that is killed half-way leaves nothing that looks like one. */
export async function ensureCluster(home: Home, binaries: string): Promise<void> {
  await buildDirectory(home.cluster, async (draft) => {
    const { uid, gid } = home.user;
    if (uid !== undefined && gid !== undefined) await chown(draft, uid, gid);
    await initialise(draft, binaries, home);
  });
}

async function initialise(directory: string, binaries: string, home: Home): Promise<void> {
  const options = [
    `--pgdata=${directory}`,
    '--username=postgres',
    // The socket's directory keeps everybody else out.
    '--auth-local=trust',
    '--auth-host=reject',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ];
  try {
    const program = join(binaries, 'bin', 'initdb');
    await promisify(execFile)(program, options, { ...home.user, cwd: home.directory, env: environment });
  } catch (error) {
    const { stderr, message } = error as ExecFileException & { stderr?: string };
    throw programFailure('PostgreSQL could not create its cluster', stderr || message);
  }
}
