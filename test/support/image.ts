import { readdirSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** An instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  name: string;
  value: string;
}

interface LockedPackage {
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** @see https://docs.docker.com/reference/dockerfile/#format */
export function instructionsOf(dockerfile: string): Instruction[] {
  const lines = dockerfile
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
  return [...lines.replace(/\\\n\s*/g, '').matchAll(/^([A-Z]+) +(.+)$/gm)].map(([, name, value]) => ({
    name: name!,
    value: value!.replace(/ +/g, ' ').trim(),
  }));
}

/** The packages that the Dockerfile takes away from those of production. */
export function removedIn(dockerfile: string): string[] {
  const runs = instructionsOf(dockerfile).map(({ value }) => value);
  const [, removed] = /npm uninstall ([^&]+)/.exec(runs.join('\n')) ?? [];
  return removed!.split(/\s+/).filter((word) => word !== '' && !word.startsWith('-'));
}

/** The dependencies without which the service does not run: what it imports, and what that asks for beside itself. */
export function packagesThatRun(): Set<string> {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as LockedPackage;
  const packages = readLock();
  const wanted = new Set(['src', 'migrations'].flatMap((folder) => importedIn(join(ROOT, folder))));
  for (const path of closureOf([...wanted])) {
    const { peerDependencies = {} } = packages[path]!;
    for (const name of Object.keys(peerDependencies)) if (name in dependencies!) wanted.add(name);
  }
  return new Set([...wanted].filter((name) => name in dependencies!));
}

/** Lays out what the last stage of the Dockerfile is made of, for everybody to read and nobody to change. */
export async function layOutImage(folder: string): Promise<void> {
  const isKept = (path: string) => !/\.map$|\.d\.[mc]?ts$/.test(path);
  for (const path of closureOf([...packagesThatRun()])) {
    const nested = join(ROOT, path, 'node_modules');
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(ROOT, path), join(folder, path), {
      recursive: true,
      filter: (source) => source !== nested && isKept(source),
    });
  }
  await cp(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  for (const file of ['package.json', 'LICENSE']) await cp(join(ROOT, file), join(folder, file));
  await makeReadable(folder);
}

async function makeReadable(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  await Promise.all(
    entries.map((entry) => chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o555 : 0o444)),
  );
  await chmod(folder, 0o555);
}

function importedIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.startsWith('dashboard'));
  return sources.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const imports = text.matchAll(/(?:^import |\bfrom |\bimport\()'((?:@[\w-]+\/)?[a-z][\w.-]*)[^']*'/gm);
    return [...imports].map(([, name]) => name!);
  });
}

/** Where in `node_modules` these packages and all that they depend on are; what is optional is left out. */
function closureOf(names: readonly string[]): Set<string> {
  const packages = readLock();
  const found = new Set<string>();
  const visit = (name: string, from: string) => {
    const path = placeOf(name, from, packages);
    if (path === undefined || found.has(path)) return;
    found.add(path);
    for (const next of Object.keys(packages[path]!.dependencies ?? {})) visit(next, path);
  };
  for (const name of names) visit(name, '');
  return found;
}

/** As Node looks for it: beside the package that asks, then further out. */
function placeOf(name: string, from: string, packages: Record<string, LockedPackage>): string | undefined {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const path = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (path in packages) return path;
    if (base === '') return undefined;
  }
}

function readLock(): Record<string, LockedPackage> {
  return (
    JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockedPackage> }
  ).packages;
}
