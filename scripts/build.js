import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transformFile } from '@swc/core';
import { swcOptions } from './swc-options.js';

/** Compiles every TypeScript file below `src` and `migrations` into `dist`, in well under a second. */
const root = join(import.meta.dirname, '..');
const target = join(root, 'dist');

async function compile(folder, into) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const sources = entries.filter((entry) => entry.isFile() && /(?<!\.d)\.ts$/.test(entry.name));
  await Promise.all(
    sources.map(async (entry) => {
      const source = join(entry.parentPath, entry.name);
      const relative = source.slice(join(root, folder).length + 1).replace(/\.ts$/, '.js');
      const output = join(target, into, relative);
      const { code, map } = await transformFile(source, swcOptions);
      await mkdir(dirname(output), { recursive: true });
      await writeFile(`${output}.map`, map);
      await writeFile(output, `${code}\n//# sourceMappingURL=${output.split('/').pop()}.map\n`);
    }),
  );
}

await rm(target, { recursive: true, force: true });
await compile('src', 'src');
await compile('migrations', 'migrations');
