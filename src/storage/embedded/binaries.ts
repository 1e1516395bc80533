import { constants, existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { buildDirectory } from './build-directory.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { allows, type Home, isReachable } from './home.js';

/** PostgreSQL's programs as npm installed them: unpacked, but with none of the package's install scripts run. */
export interface PackagedBinaries {
  /** Has `bin`, `lib` and `share` in it. */
  readonly directory: string;
  /** Of the package, for instance `18.4.0`. */
  readonly version: string;
  /** Of PostgreSQL, as in a cluster's `PG_VERSION`: `18`. */
  readonly major: string;
}

/**
 * Finds the programs for this platform, which are an optional dependency of the package `embedded-postgres`.
 * Windows is left out: Node opens no unix sockets there.
 */
export function findBinaries(): PackagedBinaries {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = dirname(dirname(resolve(`@embedded-postgres/${platform}`)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { directory: join(root, 'native'), version, major: version.split('.')[0]! };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${platform} here: set DATABASE_URL to a PostgreSQL of yours (and SECRET_KEYS), or install with optional dependencies`,
      { cause },
    );
  }
}

/**
 * Makes the programs runnable for the user of `home` and says where: in place where that user can read them and
 * what the install scripts would have done is done or can be, otherwise in a copy in the home, kept per version.
 *
 * @returns a directory with `bin`, `lib` and `share` in it
 */
export async function prepareBinaries(packaged: PackagedBinaries, home: Home): Promise<string> {
  const readable = home.user.uid === undefined || (await isReadableByAnyone(packaged.directory));
  if (readable && (await completeInPlace(packaged.directory))) return packaged.directory;

  const copy = join(home.directory, `binaries-${packaged.version}`);
  await buildDirectory(copy, async (draft) => {
    await copyReadable(packaged.directory, draft);
    await completeInstallation(draft);
  });
  return copy;
}

/** One program and one data file speak for all: npm gives a package's files their modes by one umask. */
async function isReadableByAnyone(directory: string): Promise<boolean> {
  const samples = [join(directory, 'bin', 'postgres'), join(directory, 'share', 'postgresql', 'postgres.bki')];
  const answers = samples.map(async (path) => (await allows(path, 0o004)) && (await isReachable(path)));
  return (await Promise.all(answers)).every(Boolean);
}

async function completeInPlace(directory: string): Promise<boolean> {
  try {
    await completeInstallation(directory);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Does what the package's install script would do: library links and execute bits, where they are missing. */
async function completeInstallation(directory: string): Promise<void> {
  const list = join(directory, 'pg-symlinks.json');
  const links: { source: string; target: string }[] = existsSync(list) ? JSON.parse(await readFile(list, 'utf8')) : [];
  for (const { source, target } of links) {
    const link = join(directory, relative('native', target));
    if (existsSync(link)) continue;
    await symlink(relative(dirname(target), source), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const program of await readdir(join(directory, 'bin'))) {
    const path = join(directory, 'bin', program);
    if (!(await allows(path, 0o111))) await chmod(path, (await stat(path)).mode | 0o755);
  }
}

/** Copies what running needs so that everybody can read it, whatever umask it was installed with. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  const entries = await readdir(from, { withFileTypes: true });
  const copies = entries.map(async (entry) => {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) return copyReadable(source, target);
    if (!entry.isFile() || entry.name.endsWith('.a')) return;
    await copyFile(source, target, constants.COPYFILE_FICLONE);
    const copy = await open(target, 'r+');
    await copy
      .chmod(0o644)
      // The copy is kept: a power cut must not leave it with empty files under its final name.
      .then(() => copy.datasync())
      .finally(() => copy.close());
  });
  await Promise.all(copies);
}
