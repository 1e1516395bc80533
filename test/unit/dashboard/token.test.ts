import { describe, expect, it } from '@jest/globals';
import { holderOf, isToken, renewalDelayMs } from '../../../src/dashboard/api/token.js';

const NOW_MS = 1_800_000_000_000;

function tokenOf(claims: unknown): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}

it('tells tokens from keys', () => {
  expect([tokenOf({}), 'rk_live_abc', 'a.b', ''].map(isToken)).toEqual([true, false, false, false]);
});

describe('the holder of a token', () => {
  const claims = { iss: 'https://app.example.com', sub: 'Zoë?>', account: 'tenant-7', scope: 'endpoints:read' };

  it('is the same in a later one, whatever the order of its claims', () => {
    const reversed = Object.fromEntries(Object.entries(claims).reverse());
    const later = { jti: 'b', exp: 2, nbf: 2, iat: 2, ...reversed };

    expect(holderOf(tokenOf(later))).toBe(holderOf(tokenOf({ ...claims, iat: 1, exp: 1, jti: 'a' })));
  });

  it.each([{ account: 'tenant-8' }, { sub: 'somebody else' }, { scope: 'endpoints:read endpoints:write' }])(
    'is another one with %j',
    (other) => {
      expect(holderOf(tokenOf({ ...claims, ...other }))).not.toBe(holderOf(tokenOf(claims)));
    },
  );

  it.each(['rk_live_abc', 'not.a.token', tokenOf(null), tokenOf('text')])('of %s is that itself', (credential) => {
    expect(holderOf(credential)).toBe(credential);
  });
});

describe('a token is replaced', () => {
  it.each([
    ['after three quarters of its life', 300, 225_000],
    ['not more often than once in a second', 0.1, 1_000],
    ['after no longer than browsers can wait', 10 * 365 * 86_400, 2 ** 31 - 1],
  ])('%s', (_when, lifeSeconds, delayMs) => {
    expect(renewalDelayMs(tokenOf({ exp: NOW_MS / 1_000 + lifeSeconds }), NOW_MS)).toBe(delayMs);
  });

  it.each(['rk_live_abc', tokenOf({}), tokenOf({ exp: 'soon' }), tokenOf({ exp: NOW_MS / 1_000 }), tokenOf(null)])(
    'at no time that could be told from %s',
    (credential) => {
      expect(renewalDelayMs(credential, NOW_MS)).toBeNull();
    },
  );
});
