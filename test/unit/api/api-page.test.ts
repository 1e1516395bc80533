import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SCOPE_OF_OPERATION } from '../../../src/api/scope-tables.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const page = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');

/** The rows whose first cell is one word, a scope, with the names in their second. */
const rows = [...page.matchAll(/^\| `(\w+:\w+)` \| (.+) \|$/gm)].map(([, scope, cell]) => ({
  scope: scope!,
  operations: [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
}));

describe('docs/api.md', () => {
  it.each(rows)('tells all that $scope allows', ({ scope, operations }) => {
    const allowed = Object.entries(SCOPE_OF_OPERATION)
      .filter(([, needed]) => needed === scope)
      .map(([operation]) => operation.split('.')[1]);

    expect(operations.sort()).toEqual(allowed.sort());
  });

  it('tells of every code that callers may rely on', () => {
    const source = readFileSync(join(ROOT, 'src/api/errors.ts'), 'utf8');
    const [, list] = /const CODES.*?\[(.*?)\]/s.exec(source)!;
    const codes = [...list!.matchAll(/'(\w+)'/g)].map(([, code]) => code!);

    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });
});
