import { describe, expect, it } from '@jest/globals';
import { parseBearer } from '../../../src/access/bearer.js';

describe('the Authorization header', () => {
  it.each([
    ['Bearer key', 'key'],
    ['bearer key', 'key'],
    ['BEARER   key  ', 'key'],
    ['Bearer a key with blanks', 'a key with blanks'],
    ['Bearer Bearer key', 'Bearer key'],
  ])('%j carries %j', (text, credential) => {
    expect(parseBearer(text)).toBe(credential);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer      ',
    'Basic key',
    'key',
    'Bearerkey',
    'Bearer\tkey',
    ' Bearer key',
  ])('%j carries nothing', (text) => {
    expect(parseBearer(text)).toBeNull();
  });

  it('is not read beyond what headers may have, and takes no time for blanks', () => {
    const startedAtMs = performance.now();

    for (const blanks of [16_000, 1_000_000, 10_000_000]) {
      expect(parseBearer(`Bearer${' '.repeat(blanks)}`)).toBeNull();
      expect(parseBearer(`Bearer${' '.repeat(blanks)}\n`)).toBeNull();
    }
    expect(parseBearer(`Bearer ${'k'.repeat(20_000)}`)).toBeNull();
    expect(parseBearer(`Bearer ${'k'.repeat(10_000)}`)).toBe('k'.repeat(10_000));

    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  });
});
