import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const page = readFileSync(join(import.meta.dirname, '../../docs/comparison.md'), 'utf8');

const DEFINITION = /^\[([^\]]+)\]: (\S+)$/gm;
const definitions = new Map([...page.matchAll(DEFINITION)].map(([, label, target]) => [label!, target!]));
const labels = [...page.matchAll(/\]\[([^\]]+)\]/g)].map(([, label]) => label!);
const targets = [...definitions.values(), ...[...page.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!)];

describe('docs/comparison.md', () => {
  it('defines every link that it uses, and uses every one that it defines', () => {
    expect(new Set(labels)).toEqual(new Set(definitions.keys()));
  });

  it('links what it says of a file of others to the version that was read', () => {
    const files = targets.filter((target) => target.startsWith('https://github.com/') && target.includes('/blob/'));

    expect(files.length).toBeGreaterThan(25);
    expect(files.filter((file) => !/\/blob\/[0-9a-f]{40}\//.test(file))).toEqual([]);
  });

  it('has a cell for everybody in every row', () => {
    const widths = page.split('\n').flatMap((line) => (line.startsWith('|') ? [line.split(' | ').length] : []));

    expect(new Set(widths)).toEqual(new Set([7]));
  });
});
