import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { binOf, histogramOf, percentile } from '../../../src/endpoints/response-time-histogram.js';

it('gives longer times a bin that is not earlier', () => {
  fc.assert(fc.property(fc.nat(120_000), (ms) => binOf(ms) <= binOf(ms + 1)));
});

it('needs seventy bins for two minutes', () => {
  expect(binOf(120_000)).toBeLessThan(70);
});

it('finds the 95th percentile within a tenth', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60_000), { minLength: 1, maxLength: 500 }), (times) => {
      const sorted = [...times].sort((a, b) => a - b);
      const exact = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
      const found = percentile(histogramOf(times), 0.95)!;
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.1 + 1e-9);
    }),
  );
});

it('has no percentile of nothing', () => {
  expect(percentile([], 0.95)).toBeNull();
  expect(percentile([0, 0], 0.95)).toBeNull();
});
