import 'reflect-metadata';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StoredHeader } from '../../../src/endpoints/endpoint.js';
import { checkHeaders, type HeaderInput } from '../../../src/endpoints/endpoint-headers.js';
import { Refusal } from '../../../src/refusal.js';

const STORED: StoredHeader[] = [
  { name: 'X-Tenant', value: '42' },
  { name: 'Authorization', encryptedValue: 'sealed(before)' },
];

function check(given: (Omit<HeaderInput, 'secret'> & { secret?: boolean })[], stored: StoredHeader[] = []) {
  return checkHeaders(
    given.map((header) => ({ secret: false, ...header })),
    { signatureHeader: 'X-RevKeen-Signature', stored, encrypt: (value) => `sealed(${value})` },
  );
}

/** The errors as `index.part CODE`. */
function mistakesOf(checked: StoredHeader[] | Refusal): string[] {
  if (!(checked instanceof Refusal)) return [];
  return checked.errors.map(({ field, code }) => `${field!.slice(2).join('.')} ${code}`);
}

describe('headers of an endpoint', () => {
  it('are stored as given, the secret ones encrypted', () => {
    const given = [
      { name: 'X-Tenant', value: '42' },
      { name: 'Authorization', value: 'Bearer abc', secret: true },
      { name: 'X-Empty', value: '' },
    ];

    expect(check(given)).toEqual([
      { name: 'X-Tenant', value: '42' },
      { name: 'Authorization', encryptedValue: 'sealed(Bearer abc)' },
      { name: 'X-Empty', value: '' },
    ]);
  });

  it('lose the blanks around their values', () => {
    const given = [
      { name: 'a', value: '  one two ' },
      { name: 'b', value: ' hush ', secret: true },
    ];

    expect(check(given)).toEqual([
      { name: 'a', value: 'one two' },
      { name: 'b', encryptedValue: 'sealed(hush)' },
    ]);
  });

  it('keep what is stored where no value is given, and how secret it is', () => {
    const given = [
      { name: 'authorization', value: null },
      { name: 'X-TENANT', secret: true },
    ];

    expect(check(given, STORED)).toEqual([
      { name: 'authorization', encryptedValue: 'sealed(before)' },
      { name: 'X-TENANT', value: '42' },
    ]);
  });

  it('are no more than those given', () => {
    expect(check([], STORED)).toEqual([]);
    expect(check([{ name: 'x-tenant', value: '43' }], STORED)).toEqual([{ name: 'x-tenant', value: '43' }]);
  });

  it('can be twenty', () => {
    const many = Array.from({ length: 21 }, (_, index) => ({ name: `x-${index}`, value: 'v' }));

    expect(check(many.slice(1))).toHaveLength(20);
    expect(check(many)).toMatchObject({ errors: [{ field: ['input', 'headers'], code: 'TOO_MANY' }] });
  });

  it('can be as long as is promised', () => {
    const long = { name: 'n'.repeat(100), value: 'v'.repeat(4_096) };

    expect(check([long])).toEqual([long]);
    expect(mistakesOf(check([{ ...long, name: 'n'.repeat(101) }]))).toEqual(['0.name TOO_LONG']);
    expect(mistakesOf(check([{ ...long, value: 'v'.repeat(4_097) }]))).toEqual(['0.value TOO_LONG']);
  });

  it('are told every mistake at once, each at its place', () => {
    const given = [
      { name: 'X-Twice', value: 'v' },
      { name: 'x-twice', value: 'v' },
      { name: 'Host', value: 'a\r\nb' },
      { name: 'no token', value: 'v' },
      { name: 'x-fine', value: null },
      { name: 'X-RevKeen-Signature-Previous', value: 'v' },
    ];

    expect(mistakesOf(check(given))).toEqual([
      '1.name INVALID',
      '2.name INVALID',
      '2.value INVALID',
      '3.name INVALID',
      '4.value INVALID',
      '5.name INVALID',
    ]);
  });

  it.each(['a\r\nb', 'a\n', '\ra', 'a\0', '\tv', 'a\tb', '\x1b[2J', '\x7f', '\x85', '€', '•', '\ud83d', '\ufeff'])(
    'cannot have the value %j',
    (value) => {
      expect(mistakesOf(check([{ name: 'a', value }]))).toEqual(['0.value INVALID']);
      expect(mistakesOf(check([{ name: 'a', value, secret: true }]))).toEqual(['0.value INVALID']);
    },
  );

  it('that pass are such as Node sends, and messages never quote a value', () => {
    const names = fc.oneof(fc.constant('x-any'), fc.stringMatching(/^[!-~]{1,8}$/), fc.string({ unit: 'binary' }));
    const character = fc.integer({ max: 0x17f, min: 0 }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(names, fc.string({ unit: character, maxLength: 5 }), fc.boolean(), (name, value, secret) => {
        const checked = check([{ name, value: `hush ${value}`, secret }]);
        if (checked instanceof Refusal) expect(JSON.stringify(checked.errors)).not.toContain('hush');
        else {
          expect(() => validateHeaderName(name)).not.toThrow();
          expect(() => validateHeaderValue(name, `hush ${value}`)).not.toThrow();
        }
      }),
    );
  });
});
