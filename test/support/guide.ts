import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { PROGRAM } from './processes.js';

const GUIDE = join(import.meta.dirname, '..', '..', 'docs', 'operating.md');

export const guide = readFileSync(GUIDE, 'utf8');

/** The commands of a block of the guide, which stands behind `<!-- tried: name -->`. */
function commandsOf(name: string): string {
  const [, commands] = new RegExp(`<!-- tried: ${name} -->\\n\`\`\`sh\\n([^]*?)\`\`\``).exec(guide) ?? [];
  if (!commands) throw new Error(`The guide has no commands "${name}"`);
  return commands;
}

/** Where commands are run, and what they find in their environment. */
export interface Shell {
  directory: string;
  /** Programs of PostgreSQL; those on the PATH if left out. */
  programs?: string;
  env: Record<string, string>;
}

/** Runs commands of the guide as they stand there. Answers what they print; rejects at the first that fails. */
export async function follow(name: string, { directory, programs, env }: Shell): Promise<string> {
  writeProgram(directory, 'revkeen-webhooks', `exec '${process.execPath}' '${PROGRAM}' "$@"`);
  const path = [directory, ...(programs ? [programs] : []), process.env.PATH].join(delimiter);
  const commands = `set -euo pipefail\n${commandsOf(name)}`;
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', commands], {
    cwd: directory,
    env: { PATH: path, ...env },
  });
  return stdout;
}

/** PostgreSQL refuses to run as root: there, what the guide runs as the user `postgres` is run as nobody. */
export function runAsOwner(directory: string, program: string): void {
  const prefix = process.getuid?.() === 0 ? 'setpriv --reuid=65534 --regid=65534 --clear-groups ' : '';
  writeProgram(directory, 'pg_ctl', `exec ${prefix}'${program}' "$@"`);
}

function writeProgram(directory: string, name: string, line: string): void {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}
