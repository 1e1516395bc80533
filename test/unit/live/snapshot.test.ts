import { describe, expect, it } from '@jest/globals';
import { CursorCodec } from '../../../src/live/cursor.js';
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
  const codec = new CursorCodec('feed');

  it('gives back the moment that it was made of, to its own account', () => {
    const cursor = codec.encode('default', '10:20:15');
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(codec.decode('default', cursor)).toBe('10:20:15');
  });

  it('is refused when it is damaged, of another account, of another database, or none at all', () => {
    const cursor = codec.encode('default', '10:20:15');
    const others = [
      codec.encode('other', '10:20:15'),
      new CursorCodec('another feed').encode('default', '10:20:15'),
      `${cursor}A`,
      cursor.slice(0, -1),
      `${cursor}=`,
      cursor.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
      '',
      'nonsense',
      Buffer.from('10:20:15').toString('base64url'),
    ];
    for (const other of others) expect([other, codec.decode('default', other)]).toEqual([other, null]);
  });
});
