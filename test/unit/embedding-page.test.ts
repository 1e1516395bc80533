import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs/embedding.md'), 'utf8');
const example = readFileSync(join(ROOT, 'examples/embed-in-a-product.ts'), 'utf8');

it('docs/embedding.md has the code of the example, as it is', () => {
  const listings = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);

  expect(listings).toHaveLength(4);
  expect(listings.filter((code) => !example.includes(code))).toEqual([]);
  expect(example.split('\n').length).toBeLessThan(100);
});
