import { describe, expect, it } from '@jest/globals';
import { retryAfterMs } from '../../../src/dispatch/retry-after.js';

const NOW = new Date('2026-11-23T20:00:00.000Z');

describe('Retry-After', () => {
  const after = (value: string, statusCode = 429) => retryAfterMs(statusCode, [{ name: 'retry-after', value }], NOW);

  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Mon, 23 Nov 2026 20:01:30 GMT', 90_000],
    ['Monday, 23-Nov-26 20:01:30 GMT', 90_000],
    ['Mon Nov 23 20:01:30 2026', 90_000],
    ['Mon Nov  2 20:01:30 2026', 0],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
  ])('of "%s" asks for %i ms', (value, expected) => {
    expect(after(value)).toBe(expected);
  });

  it.each(['', 'soon', '-5', '1.5', '1e3', '0x10', '5, 6', '2026-11-23T21:00:00Z', 'Mon, 99 Nov 2026 20:01:30 GMT'])(
    'of "%s" is ignored',
    (value) => {
      expect(after(value)).toBeUndefined();
    },
  );

  it('stays a safe integer, however much is asked for', () => {
    expect(after('9'.repeat(400))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('counts on 429 and 503 only', () => {
    const statusCodes = [200, 301, 404, 410, 429, 500, 502, 503, 504];

    expect(statusCodes.filter((statusCode) => after('5', statusCode) !== undefined)).toEqual([429, 503]);
  });

  it('may be missing', () => {
    expect(retryAfterMs(503, [{ name: 'content-type', value: 'text/plain' }], NOW)).toBeUndefined();
  });
});
