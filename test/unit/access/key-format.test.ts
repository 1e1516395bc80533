import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  derivePeppers,
  generateApiKey,
  hashApiKey,
  hintOf,
  type Pepper,
  possibleHashes,
} from '../../../src/access/key-format.js';
import { generateSecretKey } from '../../../src/storage/secret-keys.js';

const peppers = derivePeppers([generateSecretKey(), generateSecretKey()]);
const [pepper, older] = peppers as [Pepper, Pepper];

describe('an API key', () => {
  it('is different each time, and tells what it is', () => {
    const keys = Array.from({ length: 200 }, generateApiKey);

    expect(new Set(keys).size).toBe(200);
    for (const key of keys) expect(key).toMatch(/^rk_live_[\w-]{48}$/);
    expect(hintOf(keys[0]!)).toBe(keys[0]!.slice(-4));
  });

  it('may have been hashed with any of the peppers', () => {
    const key = generateApiKey();

    expect(possibleHashes(key, peppers)).toEqual([hashApiKey(key, pepper), hashApiKey(key, older)]);
    expect(hashApiKey(key, pepper)).toEqual({ hash: expect.any(Buffer), pepperId: pepper.id });
    expect(hashApiKey(key, pepper).hash.equals(hashApiKey(key, older).hash)).toBe(false);
  });

  it('is told from one with a typo, wherever that is', () => {
    const key = generateApiKey();
    for (let index = 8; index < key.length; index++) {
      const wrong = key[index] === 'A' ? 'B' : 'A';
      expect(possibleHashes(key.slice(0, index) + wrong + key.slice(index + 1), peppers)).toEqual([]);
    }
  });

  it.each([
    ['nothing', ''],
    ['its prefix alone', 'rk_live_'],
    ['another prefix', generateApiKey().replace('live', 'test')],
    ['a letter too many', `${generateApiKey()}A`],
    ['a letter too few', generateApiKey().slice(0, -1)],
    ['a line break behind it', `${generateApiKey()}\n`],
    ['Base64 of the other alphabet', `rk_live_${'+/'.repeat(24)}`],
    ['a very long text', 'rk_live_'.repeat(100_000)],
  ])('is not %s', (_what, text) => {
    expect(possibleHashes(text, peppers)).toEqual([]);
  });

  it('of an earlier version is known by its plain hash, and by nothing else', () => {
    const key = `rk_live_${'a'.repeat(43)}`;

    expect(possibleHashes(key, peppers)).toEqual([{ hash: hash('sha256', key, 'buffer'), pepperId: null }]);
  });
});

describe('a pepper', () => {
  it('follows from its secret key, and does not contain it', () => {
    const secretKey = generateSecretKey();

    const [first] = derivePeppers([secretKey]);

    expect(derivePeppers([secretKey])).toEqual([first]);
    expect(first).toEqual({ id: secretKey.id, key: expect.any(Buffer) });
    expect(first!.key).toHaveLength(32);
    expect(first!.key.equals(secretKey.key)).toBe(false);
  });
});
