import fc from 'fast-check';

/** JSON as it is written, for what no JavaScript value is written as. */
export class RawJson {
  constructor(readonly text: string) {}
}

const nested = (depth: number, open: string, close: string) => new RawJson(open.repeat(depth) + close.repeat(depth));

const TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'a\udc00b',
  '\u202egnp.exe',
  '\u200b',
  '\ufffe\uffff',
  '💥'.repeat(600),
  'x'.repeat(100_000),
  'é'.repeat(3_000),
  '__proto__',
  'constructor',
  'toString',
  "'; drop table endpoints; --",
  '" or 1=1 --',
  '$1',
  '%_\\',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'a\r\nX-Injected: 1\r\n\r\n',
  'a\nb\tc\v\f\b',
  '\x1b[2J\x1b]0;title\x07',
  '../../../etc/passwd',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: for those who would evaluate it.
  '{{7*7}}${7*7}',
  'null',
  'NaN',
  '-1',
  '1e309',
  'javascript:alert(1)',
  'https://user:word@127.0.0.1/',
  'https://127.0.0.1:25/',
  'http://[::1]/',
  'https://exa mple/\0',
  'file:///etc/passwd',
];

const INSTANTS = [
  '2026-02-30T00:00:00Z',
  '2026-11-23',
  '2026-11-23T24:00:00Z',
  '2016-12-31T23:59:60Z',
  '0001-01-01T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '9999-12-31T23:59:59-23:59',
  '+275760-09-13T00:00:00Z',
  '2026-11-23T20:00:00.123456789+00:00',
];

const NUMBERS = [0, -1, 1, 100, 101, 1.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, 5e-324];

const IDS = [
  'ep_01h2e8kqvbfwea724h75qc655w',
  'dlv_01h2e8kqvbfwea724h75qc655w',
  'ep_',
  '_',
  'ep_zzzzzzzzzzzzzzzzzzzzzzzzzz',
  'EP_01H2E8KQVBFWEA724H75QC655W',
  '018c5b0e-7a9b-7c3e-9b0e-000000000000',
  'bm90IGEgY3Vyc29y',
  'AAAA====',
  '!!!!',
];

const SHAPES: unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [null],
  [[]],
  [1, 'x', {}],
  { length: 1e9 },
  { toString: 1, valueOf: null, toJSON: 'x' },
  { constructor: { prototype: { polluted: true } } },
  Array(10_000).fill('x'),
  Array(10_000).fill(null),
];

const RAW = [
  new RawJson('1e400'),
  new RawJson('-1e400'),
  new RawJson('123456789012345678901234567890'),
  new RawJson('-0'),
  new RawJson('{"__proto__":{"polluted":true}}'),
  new RawJson('{"type":"a","type":"b"}'),
  new RawJson('"\\ud83d"'),
  nested(50, '[', ']'),
  nested(5_000, '[', ']'),
  new RawJson(`${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`),
];

/** What is odd for one type in particular. */
const BY_TYPE: Readonly<Record<string, readonly unknown[]>> = {
  DateTime: INSTANTS,
  Int: [...NUMBERS, ...RAW.slice(0, 4)],
  Float: [...NUMBERS, ...RAW.slice(0, 4)],
  JSON: RAW,
  ID: IDS,
};

const CORPUS = [...TEXTS, ...INSTANTS, ...NUMBERS, ...IDS, ...SHAPES, ...RAW];

/** Of any kind that JSON has, and of any characters. */
const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double(),
  fc.integer(),
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 5 }),
);

/**
 * `count` bad values for the place with this number: the next ones of the corpus, so that neighbours try all of it, a quarter odd
 * for its type, and a quarter made up. `more` belong to the corpus of this run.
 */
export function badValues(place: number, count: number, more: readonly unknown[], typeName = 'String'): unknown[] {
  const quarter = Math.floor(count / 4);
  return [
    ...pick(BY_TYPE[typeName] ?? TEXTS, place * quarter, 1, quarter),
    // Far enough apart that a place has values of all kinds.
    ...pick([...CORPUS, ...more], place * 11, 7, count - 2 * quarter),
    ...fc.sample(anything, { seed: place, numRuns: quarter }),
  ];
}

/** Up to `count` different values, each so many steps after the one before. */
function pick(values: readonly unknown[], start: number, step: number, count: number): unknown[] {
  const indices = Array.from({ length: count }, (_, turn) => (start + turn * step) % values.length);
  return [...new Set(indices)].map((index) => values[index]);
}

/** Writes JSON, raw parts included. */
export function writeJson(value: unknown): string {
  const raw: string[] = [];
  const text = JSON.stringify(value, (_key, part) =>
    part instanceof RawJson ? `raw part ${raw.push(part.text) - 1} of this text` : part,
  );
  return (text ?? 'null').replace(/"raw part (\d+) of this text"/g, (_match, index) => raw[Number(index)]!);
}
