import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A Chromium on this machine, and what it needs to run. */
export interface Chromium {
  executablePath: string;
  env: Record<string, string>;
}

export const HOW_TO_GET_CHROMIUM =
  'no Chromium was found: install one, or set CHROMIUM_PATH to one; on Linux on x64, npm ci brings it';

/** Where others install it. */
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Whether there is one, without unpacking anything. */
export function hasChromium(): boolean {
  return Boolean(process.env.CHROMIUM_PATH ?? (packagedIn() || INSTALLED.find((path) => existsSync(path))));
}

export async function findChromium(): Promise<Chromium> {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) return { executablePath: chosen, env: {} };
  const folder = packagedIn();
  if (folder) return unpackOnce(folder);
  const installed = INSTALLED.find((path) => existsSync(path));
  if (!installed) throw new Error(HOW_TO_GET_CHROMIUM);
  return { executablePath: installed, env: {} };
}

/** The folder of the npm package that has one for Linux on x64; null elsewhere. */
function packagedIn(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')));
  } catch {
    return null;
  }
}

/** Once per machine and user: it takes two seconds and 200 MB. Whoever comes second takes what the first has left. */
async function unpackOnce(folder: string): Promise<Chromium> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const name = `revkeen-webhooks-chromium-${version}-${process.getuid?.() ?? 0}`;
  const home = join(tmpdir(), name);
  if (!existsSync(home)) {
    const unpacked = await mkdtemp(`${home}-`);
    // It brings libraries, too, for a system that has none of those that it needs; they come only to those that it knows.
    const where = { TMPDIR: unpacked, CHROMIUM_HOME: home };
    const env = { ...process.env, ...where, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' };
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'unpack-chromium.js')], { env });
    await rename(unpacked, home).catch(async (error) => {
      if (!existsSync(home)) throw error;
      await rm(unpacked, { recursive: true });
    });
  }
  const libraries = [join(home, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  return {
    executablePath: join(home, 'chromium'),
    env: { FONTCONFIG_PATH: join(home, 'fonts'), LD_LIBRARY_PATH: libraries, HOME: home },
  };
}
