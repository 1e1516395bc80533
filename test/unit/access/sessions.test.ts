import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/account.js';
import { type SessionEnd, Sessions } from '../../../src/access/sessions.js';

let nowMs = 0;
let revoked: string[] = [];
let isDatabaseAway = false;
let asked = 0;

const db = {
  async query<Row>(): Promise<Row[]> {
    asked += 1;
    if (isDatabaseAway) throw new Error('the database is away');
    return revoked.map((id) => ({ id })) as Row[];
  },
};

const open = (maxPerAccount = 10) => new Sessions({ db, clock: { now: () => nowMs }, maxPerAccount });

const caller = (rest: Partial<Caller> = {}): Caller => ({ accountId: 'a', scopes: [], ...rest });

/** Lets a caller in, and remembers how that ended. */
function enter(sessions: Sessions, who: Caller) {
  const ends: SessionEnd[] = [];
  const leave = sessions.enter(who, (why) => ends.push(why));
  return { ends, leave };
}

describe('sessions', () => {
  beforeEach(() => {
    nowMs = 1_000;
    revoked = [];
    isDatabaseAway = false;
    asked = 0;
  });

  it('end when their credentials do, and not before', async () => {
    const sessions = open();
    const brief = enter(sessions, caller({ expiresAtMs: 2_000 }));
    const long = enter(sessions, caller({ expiresAtMs: 9_000 }));
    const endless = enter(sessions, caller());

    nowMs = 1_999;
    sessions.endExpired();
    expect(brief.ends).toEqual([]);
    nowMs = 2_000;
    sessions.endExpired();
    sessions.endExpired();
    await sessions.endRevoked();

    expect([brief.ends, long.ends, endless.ends]).toEqual([['expired'], [], []]);
    expect(asked).toBe(0);
  });

  it('end when their key is revoked, all that came with it', async () => {
    const sessions = open();
    const [one, two] = [enter(sessions, caller({ apiKeyId: 'k' })), enter(sessions, caller({ apiKeyId: 'k' }))];
    const other = enter(sessions, caller({ apiKeyId: 'l' }));
    revoked = ['k'];

    await sessions.endRevoked();

    expect([one.ends, two.ends, other.ends]).toEqual([['revoked'], ['revoked'], []]);
    expect(asked).toBe(1);
  });

  it('stay while the database cannot say that their key is revoked', async () => {
    const sessions = open();
    const session = enter(sessions, caller({ apiKeyId: 'k' }));
    isDatabaseAway = true;

    await expect(sessions.endRevoked()).rejects.toThrow('away');

    expect(session.ends).toEqual([]);
  });

  it('are counted by account, for as long as they last', () => {
    const sessions = open(2);
    const first = enter(sessions, caller({ expiresAtMs: 2_000 }));
    const second = enter(sessions, caller());
    expect(enter(sessions, caller()).leave).toBeNull();
    expect(enter(sessions, caller({ accountId: 'b' })).leave).not.toBeNull();

    second.leave!();
    second.leave!();
    expect(enter(sessions, caller()).leave).not.toBeNull();
    expect(enter(sessions, caller()).leave).toBeNull();

    nowMs = 2_000;
    sessions.endExpired();
    first.leave!();
    expect(enter(sessions, caller()).leave).not.toBeNull();
    expect(enter(sessions, caller()).leave).toBeNull();
  });

  it('that were left are looked at no more', async () => {
    const sessions = open();
    const session = enter(sessions, caller({ expiresAtMs: 2_000 }));
    session.leave!();
    nowMs = 3_000;

    sessions.endExpired();

    expect(session.ends).toEqual([]);
  });
});
