import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TypeID } from 'typeid-js';
import { validate, version } from 'uuid';
import { fromTypeId, greatest, idAt, instantOf, least, newId, toTypeId } from '../../../src/storage/ids.js';

const NOON = Date.UTC(2026, 10, 23, 12);
const DAY_MS = 86_400_000;
const prefixes = fc.constantFrom('ep', 'evt', 'dlv', 'att', 'blk');
const instants = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe('a new id', () => {
  it('is a UUIDv7 in lower case of the instant given', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (days) => {
        // Days apart, so that no instant is close to the one before.
        const instant = days * DAY_MS;
        const id = newId(instant);
        expect([validate(id), version(id), instantOf(id)]).toEqual([true, 7, instant]);
        expect(id).toBe(id.toLowerCase());
      }),
    );
  });

  it('sorts after the one before while the clock stands still', () => {
    const ids = Array.from({ length: 10_000 }, () => newId(NOON));

    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('sorts after the one before when the clock goes back a little', () => {
    const ids = [0, 3, 1, 900, 0, 901].map((elapsedMs) => newId(NOON + DAY_MS + elapsedMs));

    expect(ids.toSorted()).toEqual(ids);
  });

  it('follows a clock that goes back further', () => {
    newId(NOON + 3 * DAY_MS);

    expect(instantOf(newId(NOON + 2 * DAY_MS))).toBe(NOON + 2 * DAY_MS);
  });

  it('stays on the day of its instant when a later one has begun the next', () => {
    const midnight = Date.UTC(2030, 0, 1);
    newId(midnight);

    expect(instantOf(newId(midnight - 1))).toBe(midnight - 1);
  });

  it('is not to be guessed from the one before', () => {
    const tails = Array.from({ length: 1_000 }, () => newId(NOON).slice(-12));

    expect(new Set(tails).size).toBe(tails.length);
  });
});

describe('the bound of an instant', () => {
  it('is not above any id of that instant, and above every id before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (days) => {
        const instant = days * DAY_MS;
        const [before, after] = [newId(instant - 1), newId(instant)];
        expect(before < idAt(instant)).toBe(true);
        expect(idAt(instant) <= after).toBe(true);
      }),
    );
  });

  it('is a UUIDv7 that tells the instant', () => {
    fc.assert(
      fc.property(instants, (instant) => {
        expect([validate(idAt(instant)), version(idAt(instant)), instantOf(idAt(instant))]).toEqual([true, 7, instant]);
      }),
    );
  });

  it('ends where the instants of UUIDs end', () => {
    expect(idAt(-1)).toBe(idAt(0));
    expect(idAt(8.64e15)).toBe(idAt(2 ** 48 - 1));
  });
});

describe('a TypeID', () => {
  const uuids = fc.uuid();

  it('is what typeid-js makes of the same UUID', () => {
    fc.assert(
      fc.property(prefixes, uuids, (prefix, uuid) => {
        expect(toTypeId(prefix, uuid)).toBe(TypeID.fromUUID(prefix, uuid).toString());
      }),
    );
  });

  it('leads back to its UUID', () => {
    fc.assert(
      fc.property(prefixes, uuids, (prefix, uuid) => {
        expect(fromTypeId(prefix, toTypeId(prefix, uuid))).toBe(uuid);
      }),
    );
  });

  it('sorts like its UUID', () => {
    fc.assert(
      fc.property(uuids, uuids, (one, other) => {
        expect(toTypeId('dlv', one) < toTypeId('dlv', other)).toBe(one < other);
      }),
    );
  });

  it('of another prefix is none', () => {
    expect(fromTypeId('evt', toTypeId('dlv', newId()))).toBeNull();
    expect(fromTypeId('ep', `ep${toTypeId('ep', newId())}`)).toBeNull();
  });

  it.each([
    '',
    'dlv',
    'dlv_',
    'dlv_01h2e8kqvbfwea724h75qc655',
    'dlv_01h2e8kqvbfwea724h75qc655ww',
    'dlv_81h2e8kqvbfwea724h75qc655w',
    'dlv_01H2E8KQVBFWEA724H75QC655W',
    'DLV_01h2e8kqvbfwea724h75qc655w',
    'dlv_01h2e8kqvbfwea724h75qc65iw',
    'dlv_01h2e8kqvbfwea724h75qc655é',
    'dlv_-1h2e8kqvbfwea724h75qc655w',
    'dlv-01h2e8kqvbfwea724h75qc655w',
    ' dlv_01h2e8kqvbfwea724h75qc655w',
    '01890ce0-e76b-7f1c-a388-91396ec3a8bc',
  ])('is not %j', (text) => {
    expect(fromTypeId('dlv', text)).toBeNull();
  });

  it('is taken or refused just as typeid-js does', () => {
    const letters = fc.string({
      unit: fc.constantFrom(...'0123456789abcdefghjkmnpqrstvwxyz7Ailou_é'),
      minLength: 25,
      maxLength: 27,
    });
    fc.assert(
      fc.property(letters, (text) => {
        const uuid = fromTypeId('dlv', `dlv_${text}`);
        // typeid-js refuses what is not a UUID of a known version as well; such an id is of nothing that exists.
        fc.pre(uuid === null || validate(uuid));
        expect(uuid).toBe(uuidByTypeidJs(`dlv_${text}`));
      }),
    );
  });
});

it('knows the least and the greatest of many ids', () => {
  const ids = Array.from({ length: 100 }, () => newId(NOON));

  expect([least(ids.toReversed()), greatest(ids.toReversed())]).toEqual([ids[0], ids[99]]);
});

function uuidByTypeidJs(text: string): string | null {
  try {
    return TypeID.fromString(text, 'dlv').toUUID();
  } catch {
    return null;
  }
}
