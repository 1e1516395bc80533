import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  formatSecretKeys,
  generateSecretKey,
  loadOrCreateSecretKeys,
  parseSecretKeys,
} from '../../../src/storage/secret-keys.js';

describe('secret keys as text', () => {
  it('are read as they were written', () => {
    const keys = [generateSecretKey(), generateSecretKey()];

    expect(parseSecretKeys(formatSecretKeys(keys))).toEqual(keys);
  });

  const key = Buffer.alloc(32, 7).toString('base64');

  it.each([
    ['', 'entry 1 is not of the form id:base64key'],
    [key, 'entry 1 is not of the form id:base64key'],
    [`a:${key},b`, 'entry 2 is not of the form id:base64key'],
    [`a.b:${key}`, 'entry 1 is not of the form id:base64key'],
    [`a:${key},`, 'entry 2 is not of the form id:base64key'],
    [`a:${key},b:c2hvcnQ=`, 'the key of entry 2 has 5 bytes instead of 32'],
    [`a:${key},a:${key}`, 'two keys have the same id'],
  ])('are refused without being quoted: %j', (text, message) => {
    expect(() => parseSecretKeys(text)).toThrow(new Error(message));
  });
});

describe('secret keys in the data directory', () => {
  let parent: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'secret-keys-'));
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('are made at the first start and found at the next, readable by their owner only', async () => {
    const dataDir = join(parent, 'not', 'there', 'yet');

    const first = await loadOrCreateSecretKeys(dataDir);

    expect(first).toEqual([{ id: expect.any(String), key: expect.any(Buffer) }]);
    expect(await loadOrCreateSecretKeys(dataDir)).toEqual(first);
    expect((await stat(join(dataDir, 'secret-keys'))).mode & 0o777).toBe(0o600);
  });

  it('are the same for all that start together', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateSecretKeys(parent)));

    expect(new Set(all.map(formatSecretKeys)).size).toBe(1);
    expect(await readdir(parent)).toEqual(['secret-keys']);
  });

  it('are in the form of the variable, so that they can move there', async () => {
    const keys = await loadOrCreateSecretKeys(parent);

    expect(parseSecretKeys(await readFile(join(parent, 'secret-keys'), 'utf8'))).toEqual(keys);
  });

  it('say which file is damaged and never what it says', async () => {
    await writeFile(join(parent, 'secret-keys'), 'k:bm90IGEga2V5');

    const failure = await loadOrCreateSecretKeys(parent).catch((error: Error) => error.message);

    expect(failure).toContain(`${join(parent, 'secret-keys')} is damaged: the key of entry 1 has 9 bytes`);
    expect(failure).not.toContain('bm90');
  });
});
