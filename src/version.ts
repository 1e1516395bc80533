import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function findPackage(): { version: string } {
  // The sources are two levels below the package when they are compiled, and one when tests read them as they are.
  for (const up of ['../..', '..']) {
    try {
      return JSON.parse(readFileSync(join(import.meta.dirname, up, 'package.json'), 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('package.json is missing beside the program');
}

/** The version of the service, as receivers see it in `user-agent`. */
export const VERSION = findPackage().version;
