import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseBootstrapKeys, parseBytes, parseOrigins, parseRetryScheduleMs } from '../../../src/config/values.js';

describe('a retry schedule', () => {
  it('is read in milliseconds, whatever the units', () => {
    expect(parseRetryScheduleMs('250ms, 10s,1m,1.5h,0s')).toEqual([250, 10_000, 60_000, 5_400_000, 0]);
  });

  it('is empty for no retries', () => {
    expect(parseRetryScheduleMs('')).toEqual([]);
    expect(parseRetryScheduleMs('  ')).toEqual([]);
  });

  it('holds up to 20 waits of up to 7 days', () => {
    const units = fc.constantFrom(
      ['ms', 1] as const,
      ['s', 1_000] as const,
      ['m', 60_000] as const,
      ['h', 3_600_000] as const,
    );
    const wait = units.chain(([unit, ms]) =>
      fc.nat(Math.floor(604_800_000 / ms)).map((amount) => ({ text: `${amount}${unit}`, ms: amount * ms })),
    );
    fc.assert(
      fc.property(fc.array(wait, { maxLength: 20 }), (waits) => {
        expect(parseRetryScheduleMs(waits.map(({ text }) => text).join(','))).toEqual(waits.map(({ ms }) => ms));
      }),
    );
  });

  it.each([
    ['5', '"5" is not a time in ms, s, m, h or d'],
    ['1m,,5m', 'has an empty entry'],
    ['1m,', 'has an empty entry'],
    ['1 m', '"1 m" is not a time'],
    ['-1m', '"-1m" is not a time'],
    ['1w', '"1w" is not a time'],
    ['168h,169h', '"169h" is too long'],
    [Array(21).fill('1s').join(), 'has 21 waits; give at most 20'],
  ])('is refused as %j', (text, message) => {
    expect(() => parseRetryScheduleMs(text)).toThrow(message);
  });
});

describe('origins', () => {
  it.each([
    ['*', '*'],
    ['https://app.example.com', ['https://app.example.com']],
    ['HTTPS://App.Example.com:443/, http://localhost:3000', ['https://app.example.com', 'http://localhost:3000']],
    ['https://münchen.example', ['https://xn--mnchen-3ya.example']],
    ['http://[::1]:80', ['http://[::1]']],
  ])('are read from %j as browsers write them', (text, origins) => {
    expect(parseOrigins(text)).toEqual(origins);
  });
});

describe('bootstrap keys', () => {
  const plain = (key: string) => [{ accountId: 'default', key }];

  it.each([
    ['a-key-of-sixteen', plain('a-key-of-sixteen')],
    ['c2l4dGVlbiBieXRlcyBvZg==', plain('c2l4dGVlbiBieXRlcyBvZg==')],
    ['acme=fifteen-letters', plain('acme=fifteen-letters')],
    ['sixteen,or=more,letters', plain('sixteen,or=more,letters')],
    ['acme=exactly-sixteen!', [{ accountId: 'acme', key: 'exactly-sixteen!' }]],
    [
      'acme=c2l4dGVlbiBieXRlcw==, default=another-long-key',
      [
        { accountId: 'acme', key: 'c2l4dGVlbiBieXRlcw==' },
        { accountId: 'default', key: 'another-long-key' },
      ],
    ],
  ])('are read from %j', (text, keys) => {
    expect(parseBootstrapKeys(text)).toEqual(keys);
  });

  it.each([
    ['fifteen-letters', 'is too short; give a key of 16 or more characters'],
    ['one=long-enough-for-it,two=short', 'has too short a key in entry 2'],
    ['one=long-enough-for-it,two=long-enough-for-it', 'gives the same key twice'],
  ])('are refused as %j', (text, message) => {
    expect(() => parseBootstrapKeys(text)).toThrow(message);
  });
});

describe('a size', () => {
  const bounds = { min: 1, max: 1_048_576, advice: 'advice' };

  it.each([
    ['100', 100],
    ['256KiB', 262_144],
    ['1MiB', 1_048_576],
  ])('is read from %s', (text, bytes) => {
    expect(parseBytes(text, bounds)).toBe(bytes);
  });

  it.each([
    ['0', 'too small'],
    ['2MiB', 'too large'],
    ['256KB', 'not a size'],
    ['1.5KiB', 'not a size'],
    ['', 'not a size'],
  ])('is refused as %j', (text, message) => {
    expect(() => parseBytes(text, bounds)).toThrow(message);
  });
});
