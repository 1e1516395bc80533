import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = join(import.meta.dirname, '..');

/** Sources that both pages are made of. */
const SHARED = ['src/sample-operations.ts', 'vite.config.js', 'package-lock.json', 'scripts/build-dashboard.js'];

/** The dashboard; and the explorer, apart from it because its editor is large. */
const pages = [
  { output: 'dist/dashboard', sources: ['src/dashboard', 'src/client'], config: {} },
  {
    output: 'dist/explorer',
    sources: [...['explorer', 'api', 'elements', 'shell', 'styles'].map((part) => `src/dashboard/${part}`)],
    config: { root: 'src/dashboard/explorer', base: '/graphiql/', build: { chunkSizeWarningLimit: 4_000 } },
  },
];

/** Smaller files are not worth a second copy. */
const MIN_COMPRESSED_BYTES = 1_024;

const compressors = {
  gz: (content) => promisify(gzip)(content, { level: 9 }),
  br: (content) => promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
};

/** Builds each page unless what it is made of is the same as the last time: then it takes some milliseconds. */
export async function buildDashboard() {
  for (const page of pages) await buildPage(page);
}

async function buildPage({ output, sources, config }) {
  const outDir = join(root, output);
  /** What the last build was made of. */
  const stamp = join(outDir, '.made-of');
  const madeOf = await hashSources(sources);
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === madeOf) return;
  const { build } = await import('vite');
  const configFile = join(root, 'vite.config.js');
  await build({ ...config, configFile, logLevel: 'warn', build: { ...config.build, outDir } });
  await compressFiles(outDir);
  await writeFile(stamp, madeOf);
}

async function hashSources(folders) {
  const hash = createHash('sha256');
  for (const file of await listSources(folders))
    hash
      .update(`${file}\0`)
      .update(await readFile(file))
      .update('\0');
  return hash.digest('hex');
}

async function listSources(folders) {
  const files = await Promise.all(folders.map((folder) => listFiles(join(root, folder))));
  return [...files.flat().sort(), ...SHARED.map((file) => join(root, file))];
}

async function listFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Once, here, instead of for every reader. */
async function compressFiles(folder) {
  const files = (await listFiles(folder)).filter((file) => /\.(html|js|css|svg|json)$/.test(file));
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
