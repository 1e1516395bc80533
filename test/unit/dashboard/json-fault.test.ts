import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findJsonFault } from '../../../src/dashboard/test-events/json-fault.js';

it.each([
  ['', 1, 'the data should be here, not the end; texts need double quotes'],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 'a comma is missing before "b"'],
  ['{\n  "a": 1,\n}', 2, 'the comma before } is one too many'],
  ['[1, 2', 1, '] is missing at the end'],
  ['{\n  a: 1\n}', 2, 'a name in double quotes should be here, not a'],
  ['{"a" 1}', 1, 'a colon is missing before 1'],
  ['{\n\n"a": yes}', 3, 'a value should be here, not yes; texts need double quotes'],
  ['{"a": 01}', 1, 'a value should be here, not 01; texts need double quotes'],
  ['["a\n"]', 1, 'the closing quote of a text is missing'],
  ['["\\x"]', 1, 'this text has a character that needs another way of writing'],
  ['{}\n}', 2, 'there is more after the end of the data: }'],
])('says where and why %j is no JSON', (text, line, words) => {
  expect(findJsonFault(text)).toEqual({ line, words });
});

it('finds none in JSON, and one in all that is not', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', 'x', '\n'), (json, at, put) => {
      expect(findJsonFault(json)).toBeNull();
      const cut = at % (json.length + 1);
      const text = json.slice(0, cut) + put + json.slice(cut + 1);
      expect(findJsonFault(text) === null).toBe(isJson(text));
    }),
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
