import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** What is shown as code links nowhere. */
const withoutCode = (text: string) => text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '``');

/** Where a page points to, in all the ways that Markdown has; addresses elsewhere are not ours to keep. */
function targetsOf(page: string): string[] {
  const text = withoutCode(read(page));
  return [/\]\(([^)\s]+)\)/g, /^\[[^\]]+\]: (\S+)$/gm, /\b(?:src|srcset)="([^"]+)"/g]
    .flatMap((form) => [...text.matchAll(form)].map(([, target]) => target!))
    .filter((target) => !target.startsWith('https://'));
}

/** The headings of a page, as links name them. */
const anchorsOf = (page: string) =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

/** The file or folder that a page means. */
function pathOf(page: string, target: string): string {
  const [file] = target.split('#');
  return file ? join(dirname(page), file) : page;
}

function isThere(page: string, target: string): boolean {
  const path = pathOf(page, target);
  const [, anchor] = target.split('#');
  return existsSync(join(ROOT, path)) && (!anchor || anchorsOf(path).includes(anchor));
}

describe('the documentation', () => {
  it('points to files and headings that are there', () => {
    const links = PAGES.flatMap((page) => targetsOf(page).map((target) => ({ page, target })));

    expect(links.length).toBeGreaterThan(100);
    expect(links.filter(({ page, target }) => !isThere(page, target))).toEqual([]);
  });

  it('can be read from the README on', () => {
    const reached = new Set(['README.md']);
    for (const page of reached) {
      for (const target of targetsOf(page)) {
        const path = pathOf(page, target);
        for (const next of PAGES) if (next === path || dirname(next) === path) reached.add(next);
      }
    }

    expect(PAGES.filter((page) => !reached.has(page))).toEqual([]);
  });
});
