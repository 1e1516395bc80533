import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Caller, SCOPES } from '../../../src/access/account.js';
import { ApiKeys, type FoundApiKey } from '../../../src/access/api-keys.js';
import { createAuthenticate } from '../../../src/access/authenticate.js';
import { derivePeppers, generateApiKey } from '../../../src/access/key-format.js';
import { KeyUse } from '../../../src/access/key-use.js';
import { generateSecretKey } from '../../../src/storage/secret-keys.js';

const clock = { nowMs: 0, now: () => clock.nowMs };
let stored: FoundApiKey | null = null;
let asked = 0;

const db = {
  async query<Row>(): Promise<Row[]> {
    asked += 1;
    return (stored ? [stored] : []) as Row[];
  },
};

const found = (rest: Partial<FoundApiKey> = {}): FoundApiKey => ({
  accountId: 'a',
  id: 'k',
  scopes: ['events:read'],
  expiresAt: null,
  lastUsedAt: null,
  pepperId: null,
  ...rest,
});

function create(verifyToken: ((token: string) => Promise<Caller | null>) | null = null) {
  const apiKeys = new ApiKeys({ db, peppers: derivePeppers([generateSecretKey()]), clock });
  const bootstrapKeys = [{ accountId: 'configured', key: 'a.configured.key' }];
  return createAuthenticate({ bootstrapKeys, apiKeys, use: new KeyUse(), verifyToken, clock });
}

describe('who is asking', () => {
  beforeEach(() => {
    clock.nowMs = 1_000;
    stored = null;
    asked = 0;
  });

  it('is known by a key of the configuration, with all scopes, before anything else is tried', async () => {
    const authenticate = create(async () => null);

    expect(await authenticate('Bearer a.configured.key')).toEqual({ accountId: 'configured', scopes: SCOPES });
    expect(asked).toBe(0);
  });

  it('is asked of the database only for what can be a key', async () => {
    const authenticate = create();
    stored = found();

    for (const nobody of [undefined, 'Bearer ', 'Bearer rk_live_nonsense', 'Bearer a.b.c', 'Basic a.configured.key']) {
      expect(await authenticate(nobody)).toBeNull();
    }

    expect(asked).toBe(0);
  });

  it('is remembered for a moment', async () => {
    const authenticate = create();
    stored = found();
    const authorization = `Bearer ${generateApiKey()}`;

    const callers = [await authenticate(authorization), await authenticate(authorization)];

    expect(callers).toEqual(Array(2).fill({ accountId: 'a', scopes: ['events:read'], apiKeyId: 'k' }));
    expect(asked).toBe(1);
  });

  it('is not remembered beyond the end of a key', async () => {
    const authenticate = create();
    stored = found({ expiresAt: new Date(2_000) });
    const authorization = `Bearer ${generateApiKey()}`;
    expect(await authenticate(authorization)).toMatchObject({ expiresAtMs: 2_000 });

    clock.nowMs = 2_000;

    expect(await authenticate(authorization)).toBeNull();
  });

  it('is not remembered when nobody is', async () => {
    const authenticate = create();
    const authorization = `Bearer ${generateApiKey()}`;
    expect(await authenticate(authorization)).toBeNull();

    stored = found();

    expect(await authenticate(authorization)).toMatchObject({ accountId: 'a' });
  });

  it('is asked of whoever knows tokens for what looks like one, and remembered until it ends', async () => {
    const tokens: string[] = [];
    const authenticate = create(async (token) => {
      tokens.push(token);
      return clock.nowMs < 2_000 ? { accountId: 't', scopes: [], expiresAtMs: 2_000 } : null;
    });

    expect(await authenticate('Bearer e.y.j')).toMatchObject({ accountId: 't' });
    expect(await authenticate('Bearer e.y.j')).toMatchObject({ accountId: 't' });
    expect(await authenticate('Bearer e.y')).toBeNull();
    expect(tokens).toEqual(['e.y.j']);
    clock.nowMs = 2_000;
    expect(await authenticate('Bearer e.y.j')).toBeNull();
    expect(asked).toBe(0);
  });
});
