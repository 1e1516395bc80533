import { describe, expect, it } from '@jest/globals';
import { CursorCodec, type FeedIds } from '../../../src/live/cursor.js';
import { before, isSnapshot } from '../../../src/live/snapshot.js';

describe('a snapshot', () => {
  it.each(['10:10:', '10:12:10', '10:20:10,15,19', '9007199254740993:9007199254740999:'])('is %s', (text) => {
    expect(isSnapshot(text)).toBe(true);
  });

  it.each(['', '10', '10:9:', '10:20:20', '10:20:9', '10:20:15,12', '10:20:,', 'a:b:', '10:20:15;drop'])(
    'is not %j',
    (text) => {
      expect(isSnapshot(text)).toBe(false);
    },
  );

  it('is cut before a transaction: it and all later ones had not begun', () => {
    expect(before('10:20:10,15,19', 16n)).toBe('10:16:10,15');
    expect(before('10:20:10,15,19', 10n)).toBe('10:10:');
    expect(before('10:20:12', 5n)).toBe('5:5:');
    expect(before('10:20:', 12n)).toBe('10:12:');
  });
});

describe('a cursor', () => {
  const codec = codecOf('feed');

  it('gives back the moment that it was made of, to its own account', async () => {
    const cursor = codec.encode('default', '10:20:15');
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(await codec.decode('default', cursor)).toBe('10:20:15');
  });

  it('is refused when it is damaged, of another account, of another database, or none at all', async () => {
    const cursor = codec.encode('default', '10:20:15');
    const others = [
      codec.encode('other', '10:20:15'),
      codecOf('another feed').encode('default', '10:20:15'),
      `${cursor}A`,
      cursor.slice(0, -1),
      `${cursor}=`,
      cursor.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
      '',
      'nonsense',
      Buffer.from('10:20:15').toString('base64url'),
    ];
    for (const other of others) expect([other, await codec.decode('default', other)]).toEqual([other, null]);
  });

  it('of where the feed was before lies before everything, also once another process has begun it anew', async () => {
    const cursor = codec.encode('default', '10:20:15');
    const later = { id: 'restored', formerIds: ['older', 'feed'] };

    for (const moved of [new CursorCodec(later, async () => later), codecOf('feed', later)]) {
      const answered = [await moved.decode('default', codecOf('restored').encode('default', '30:40:'))];
      answered.push(await moved.decode('default', cursor));
      expect(answered).toEqual(['30:40:', '1:1:']);
      expect(await moved.decode('other', cursor)).toBeNull();
    }
  });
});

/** Of a feed with this id, which turns out to be called otherwise when it is asked. */
function codecOf(id: string, later: FeedIds = { id, formerIds: [] }): CursorCodec {
  return new CursorCodec({ id, formerIds: [] }, async () => later);
}
