import { existsSync } from 'node:fs';
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How the names of directories begin that were never finished; the next owner of the home removes them. */
export const UNFINISHED = '.unfinished-';

/**
 * Makes a directory that is either whole or not there: it is built beside and renamed. Of several processes
 * at it, one wins and the others use what it made. An existing one is left alone.
 *
 * @param build fills the empty directory that it is given, which only this user may enter
 */
export async function buildDirectory(target: string, build: (draft: string) => Promise<void>): Promise<void> {
  if (existsSync(target)) return;
  const draft = await mkdtemp(join(dirname(target), UNFINISHED));
  try {
    await build(draft);
    await rename(draft, target);
    await syncDirectory(dirname(target));
  } catch (error) {
    if (!existsSync(target)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Makes a rename survive a power cut. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  await directory.sync().finally(() => directory.close());
}
