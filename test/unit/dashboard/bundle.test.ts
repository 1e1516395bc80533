import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';

const BUILT = join(import.meta.dirname, '../../../dist/dashboard');

it('comes in at most 250 kB, with everything that it needs', () => {
  const page = readFileSync(join(BUILT, 'index.html'), 'utf8');
  const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
  expect(files.join()).toMatch(/\.js.*\.css/);

  const bytes = ['index.html', ...files].map((file) => gzipSync(readFileSync(join(BUILT, file)), { level: 9 }).length);

  expect(bytes.reduce((sum, one) => sum + one)).toBeLessThan(250_000);
});
