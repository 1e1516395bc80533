import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const output = join(root, 'dist', 'dashboard');
/** What the last build was made of. */
const stamp = join(output, '.made-of');

/** Smaller files are not worth a second copy. */
const MIN_COMPRESSED_BYTES = 1_024;

const compressors = {
  gz: (content) => promisify(gzip)(content, { level: 9 }),
  br: (content) => promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
};

/** Builds the dashboard unless what it is made of is the same as the last time: then it takes some milliseconds. */
export async function buildDashboard() {
  const madeOf = await hashSources();
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === madeOf) return;
  const { build } = await import('vite');
  await build({ configFile: join(root, 'vite.config.js'), logLevel: 'warn' });
  await compressFiles();
  await writeFile(stamp, madeOf);
}

async function hashSources() {
  const hash = createHash('sha256');
  for (const file of await listSources())
    hash
      .update(`${file}\0`)
      .update(await readFile(file))
      .update('\0');
  return hash.digest('hex');
}

async function listSources() {
  const folders = ['src/dashboard', 'src/client'].map((folder) => listFiles(join(root, folder)));
  const single = ['vite.config.js', 'package-lock.json', 'scripts/build-dashboard.js'].map((file) => join(root, file));
  return [...(await Promise.all(folders)).flat().sort(), ...single];
}

async function listFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Once, here, instead of for every reader. */
async function compressFiles() {
  const files = (await listFiles(output)).filter((file) => /\.(html|js|css|svg|json)$/.test(file));
  await Promise.all(
    files.map(async (file) => {
      const content = await readFile(file);
      if (content.length < MIN_COMPRESSED_BYTES) return;
      for (const [extension, compress] of Object.entries(compressors)) {
        await writeFile(`${file}.${extension}`, await compress(content));
      }
    }),
  );
}
