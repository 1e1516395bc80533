import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { type Caller, SCOPES } from '../../../src/access/account.js';
import { checkNewApiKey, type NewApiKey } from '../../../src/access/new-api-key.js';
import { Refusal } from '../../../src/refusal.js';

const NOW_MS = Date.parse('2026-11-26T10:00:00Z');
const at = (minutes: number) => new Date(NOW_MS + minutes * 60_000);

const anybody: Caller = { accountId: 'default', scopes: SCOPES };
const guest: Caller = { accountId: 'default', scopes: ['keys:admin', 'events:read'], expiresAtMs: at(60).getTime() };

function check(input: Partial<NewApiKey>, creator = anybody) {
  return checkNewApiKey({ name: 'Billing', scopes: ['events:read'], ...input }, creator, NOW_MS);
}

describe('a new API key', () => {
  it('is what was asked for, its scopes once each and in order', () => {
    expect(check({ name: '  Billing  ', scopes: ['events:write', 'events:read', 'events:write'] })).toEqual({
      name: 'Billing',
      scopes: ['events:read', 'events:write'],
      expiresAt: null,
    });
    expect(check({ expiresAt: at(1) })).toMatchObject({ expiresAt: at(1) });
  });

  it.each<[string, Partial<NewApiKey>, string, string]>([
    ['no name', { name: ' ' }, 'name', 'INVALID'],
    ['a name too long', { name: 'a'.repeat(101) }, 'name', 'TOO_LONG'],
    ['orders to a terminal', { name: 'a\u001b[2Jb' }, 'name', 'INVALID'],
    ['two lines', { name: 'a\nb' }, 'name', 'INVALID'],
    ['text that runs backwards', { name: 'a\u202eb' }, 'name', 'INVALID'],
    ['half a character', { name: 'a\ud800' }, 'name', 'INVALID'],
    ['a NUL', { name: 'a\0b' }, 'name', 'INVALID'],
    ['no scopes', { scopes: [] }, 'scopes', 'INVALID'],
    ['an unknown scope', { scopes: ['events:read', 'everything'] }, 'scopes', 'INVALID'],
    ['a scope in another case', { scopes: ['Events:Read'] }, 'scopes', 'INVALID'],
    ['nothing as a scope', { scopes: [''] }, 'scopes', 'INVALID'],
    ['an end that is over', { expiresAt: at(-1) }, 'expiresAt', 'INVALID'],
    ['an end at this instant', { expiresAt: at(0) }, 'expiresAt', 'INVALID'],
  ])('is refused with %s', (_what, input, field, code) => {
    const refusal = check(input) as Refusal;

    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal.errors).toMatchObject([{ field: ['input', field], code }]);
  });

  it('tells every mistake at once', () => {
    const { errors } = check({ name: '', scopes: [], expiresAt: at(-1) }) as Refusal;

    expect(errors.map(({ field }) => field![1])).toEqual(['name', 'scopes', 'expiresAt']);
  });

  it('gets no scope that its creator does not have', () => {
    expect(check({ scopes: ['events:read'], expiresAt: at(60) }, guest)).not.toBeInstanceOf(Refusal);

    const { errors } = check({ scopes: ['events:read', 'secrets:read'], expiresAt: at(60) }, guest) as Refusal;

    expect(errors).toMatchObject([{ field: ['input', 'scopes'], code: 'INVALID' }]);
    expect(errors[0]!.message).toContain('secrets:read');
  });

  it.each([null, undefined, at(61)])('gets no more time than its creator has: %p', (expiresAt) => {
    const { errors } = check({ expiresAt }, guest) as Refusal;

    expect(errors).toMatchObject([{ field: ['input', 'expiresAt'], code: 'INVALID' }]);
    expect(errors[0]!.message).toContain(at(60).toISOString());
  });
});
