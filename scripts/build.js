import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { transformFile } from '@swc/core';
import { buildDashboard } from './build-dashboard.js';
import { swcOptions } from './swc-options.js';

/** Compiles every TypeScript file of the service and its migrations into `dist`, in well under a second. */
const root = join(import.meta.dirname, '..');
const target = join(root, 'dist');
const dashboard = join(root, 'src', 'dashboard');

const isOfDashboard = (path) => path === dashboard || path.startsWith(dashboard + sep);

async function compile(folder, into) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const sources = entries.filter(
    (entry) => entry.isFile() && /(?<!\.d)\.ts$/.test(entry.name) && !isOfDashboard(entry.parentPath),
  );
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

for (const folder of ['src', 'migrations']) {
  await rm(join(target, folder), { recursive: true, force: true });
  await compile(folder, folder);
}
await buildDashboard();
