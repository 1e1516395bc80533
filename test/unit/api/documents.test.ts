import { expect, it } from '@jest/globals';
import { Documents, type ValidDocument } from '../../../src/api/documents.js';
import { buildSchema } from '../../../src/api/schema.js';

const schema = buildSchema();
const read = (query: string) => new Documents({ schema, introspection: true }).read(query);

const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

/** The largest that the limits let through to the parser and the validation, and what lies beyond. */
const DOCUMENTS: readonly (readonly [what: string, query: string])[] = [
  ['a megabyte of braces', '{'.repeat(1_048_576)],
  ['a megabyte of aliases', `{${many(80_000, (n) => `a${n}:a`)}}`],
  ['braces of 5,000 signs', '{ a '.repeat(2_400)],
  ['fields that may conflict', `{ endpoints { nodes { ${many(38, (n) => `x${n} `.repeat(50))} } } }`],
  ['fields that do conflict', `{ endpoints { nodes { ${many(1_900, (n) => `a${n % 38}: b${n}`)} } } }`],
  [
    'arguments to be compared with one another',
    `{ endpoints { ${many(48, () => `nodes { deliveries(filter: { endpointIds: [${many(80, () => '"a"')}] }) { totalCount } }`)} } }`,
  ],
  ['long arguments', `{ ${many(48, () => `endpoint(id: "${'x'.repeat(5_000)}") { id }`)} }`],
  [
    'fragments in fragments',
    `{ viewer { ...f0 } } ${many(90, (n) => `fragment f${n} on Viewer { ...f${n + 1} ...f${n + 2} }`)}`,
  ],
  [
    'fragments in one another',
    `{ viewer { ...f0 } } ${many(43, (n) => `fragment f${n} on Viewer { ${many(43, (m) => `...f${m}`)} }`)}`,
  ],
  [
    'a chain of fragments',
    `{ viewer { ...f0 } } ${many(100, (n) => `fragment f${n} on Viewer { ...f${n + 1} a${n} }`)}`,
  ],
  [
    'pairs of fragments',
    `{ viewer { ${many(49, (n) => `...f${n}`)} } } ${many(49, (n) => `fragment f${n} on Viewer { ${many(30, (m) => `a${m}`)} }`)}`,
  ],
  ['unused variables', `query (${many(1_000, (n) => `$v${n}: ID`)}) { viewer { accountId } }`],
  ['undeclared variables', `{ deliveries(filter: { endpointIds: [${many(2_000, (n) => `$v${n}`)}] }) { totalCount } }`],
  [
    'wrong values of an enum',
    `{ deliveries(filter: { statuses: [${many(4_900, (n) => `BROKEN${n}`)}] }) { totalCount } }`,
  ],
  ['unknown arguments', `{ endpoints(${many(1_600, (n) => `firs${n}: 1`)}) { totalCount } }`],
  ['unknown types', `query (${many(900, (n) => `$v${n}: Delivry${n}`)}) { viewer { accountId } }`],
  ['long names that nothing has', `{ viewer { ${many(40, (n) => `account${'s'.repeat(6_000)}${n}`)} } }`],
  ['types of its own', many(1_600, (n) => `scalar A${n}`)],
  ['a list in lists', `{ deliveries(filter: { statuses: ${'['.repeat(2_000)}${']'.repeat(2_000)} }) { totalCount } }`],
  ['inline fragments in one another', `{ viewer { ${'... { '.repeat(1_600)}accountId${' }'.repeat(1_600)} } }`],
  ['a comment', `#${'x'.repeat(262_000)}\n{ viewer { accountId } }`],
];

it.each(DOCUMENTS)('says in a moment what it thinks of %s', (_what, query) => {
  const startedAt = process.cpuUsage();
  const result = read(query);
  const { user, system } = process.cpuUsage(startedAt);

  if (Array.isArray(result)) expect(result.length).toBeLessThanOrEqual(11);
  // Forty times less where nothing else runs; with limits taken away it is seconds.
  expect((user + system) / 1_000).toBeLessThan(1_500);
});

it('remembers valid documents, up to so many characters of them', () => {
  const documents = new Documents({ schema, introspection: true });
  const queryOf = (n: number) => `{ viewer { accountId } } # ${n} ${'x'.repeat(50_000)}`;
  const first = documents.read(queryOf(0)) as ValidDocument;
  documents.read(queryOf(1));
  expect(documents.recall(queryOf(0))).toBe(first);

  for (let n = 2; n < 10; n += 1) documents.read(queryOf(n));

  expect(documents.recall(queryOf(1))).toBeNull();
  expect(documents.recall(queryOf(0))).toBe(first);
  documents.read('{ weather }');
  expect(documents.recall('{ weather }')).toBeNull();
});
