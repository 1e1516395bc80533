import { expect, it } from '@jest/globals';
import { formatJson } from '../../../src/dashboard/deliveries/format-json.js';

it('gives each value a line', () => {
  const text = '{"id":"evt_1","data":{"amount":12,"tags":["a","b"],"none":{},"empty":[ ]}, "ok" : true}';
  expect(formatJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
});

it('leaves values as they were written', () => {
  const text = String.raw`{"n":12345678901234567890,"n":1.0,"s":"a \"{[:,]}\" \\","u":"\u00e9"}`;
  const formatted = formatJson(text)!;
  expect(formatted.replaceAll(/\n */g, '').replaceAll('": ', '":')).toBe(text);
  expect(formatted.split('\n')).toHaveLength(6);
});

it('takes long texts and many values', () => {
  const text = JSON.stringify({ text: '\\"x'.repeat(100_000), list: Array(100_000).fill(0) });
  expect(formatJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
});

it.each(['', 'plain text', '"text"', '12', '{"a":', '<p>{}</p>', '[1] [2]'])('leaves %s alone', (text) => {
  expect(formatJson(text)).toBeNull();
});
