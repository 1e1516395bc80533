import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PAGE = join(import.meta.dirname, '../../docs/comparison.md');
const page = readFileSync(PAGE, 'utf8');

const DEFINITION = /^\[([^\]]+)\]: (\S+)$/gm;
const definitions = new Map([...page.matchAll(DEFINITION)].map(([, label, target]) => [label!, target!]));
const labels = [...page.matchAll(/\]\[([^\]]+)\]/g)].map(([, label]) => label!);
const targets = [...definitions.values(), ...[...page.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!)];

/** The headings of a page, as links name them. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

describe('docs/comparison.md', () => {
  it('links to files and headings of this repository that are there', () => {
    const ours = targets.filter((target) => !target.startsWith('https://'));
    const dead = ours.filter((target) => {
      const [file, anchor] = target.split('#');
      const path = file ? join(dirname(PAGE), file) : PAGE;
      return !existsSync(path) || (anchor && !anchorsOf(readFileSync(path, 'utf8')).includes(anchor));
    });

    expect(ours.length).toBeGreaterThan(25);
    expect(dead).toEqual([]);
  });

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
