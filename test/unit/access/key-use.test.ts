import { describe, expect, it } from '@jest/globals';
import type { FoundApiKey } from '../../../src/access/api-keys.js';
import { KeyUse } from '../../../src/access/key-use.js';

const NOW_MS = 1_000_000;

const found = (id: string, rest: Partial<FoundApiKey> = {}): FoundApiKey => ({
  accountId: 'a',
  id,
  scopes: [],
  expiresAt: null,
  lastUsedAt: null,
  pepperId: 'p',
  ...rest,
});

/** Remembers with which values it was asked. */
function listen() {
  const statements: unknown[][] = [];
  const query = async <Row>(_statement: unknown, values: readonly unknown[] = []): Promise<Row[]> => {
    statements.push([...values]);
    return [];
  };
  return { statements, db: { query } };
}

describe('the use of keys', () => {
  it('is written down together, once, in the order of the keys', async () => {
    const { db, statements } = listen();
    const use = new KeyUse();
    use.note(found('2'), NOW_MS, null);
    use.note(found('1'), NOW_MS, null);
    use.note(found('2'), NOW_MS + 5, null);

    await use.flush(db);
    await use.flush(db);

    const at = (ms: number) => new Date(NOW_MS + ms);
    expect(statements).toEqual([
      [
        ['a', 'a'],
        ['1', '2'],
        [at(0), at(5)],
        [null, null],
        [null, null],
      ],
    ]);
  });

  it('is not written down again within a minute, unless the key is to be hashed anew', async () => {
    const { db, statements } = listen();
    const use = new KeyUse();
    const betterHash = { hash: Buffer.from('better'), pepperId: 'q' };
    const ago = (ms: number) => ({ lastUsedAt: new Date(NOW_MS - ms) });
    use.note(found('1', ago(59_999)), NOW_MS, null);
    await use.flush(db);
    expect(statements).toEqual([]);

    use.note(found('1', ago(60_000)), NOW_MS, null);
    use.note(found('2', ago(0)), NOW_MS, betterHash);
    await use.flush(db);

    const now = new Date(NOW_MS);
    expect(statements).toEqual([
      [
        ['a', 'a'],
        ['1', '2'],
        [now, now],
        [null, betterHash.hash],
        [null, 'q'],
      ],
    ]);
  });
});
