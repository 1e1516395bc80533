import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SecretCipher, type SecretOwner } from '../../../src/endpoints/secret-cipher.js';

const owner: SecretOwner = { accountId: 'default', endpointId: '0190-1', purpose: 'signing-secret' };
const oldKey = { id: 'old', key: randomBytes(32) };
const newKey = { id: 'new', key: randomBytes(32) };

describe('a stored secret', () => {
  it('is read by whoever has the key, for the owner that it was written for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        const record = new SecretCipher([oldKey]).encrypt(secret, owner);
        expect(new SecretCipher([oldKey]).decrypt(record, owner)).toBe(secret);
      }),
    );
  });

  it('names the key that encrypted it, and shows nothing of itself', () => {
    const record = new SecretCipher([newKey, oldKey]).encrypt('whsec_c2VjcmV0', owner);

    expect(record).toMatch(/^v1\.new\.[\w-]{56}$/);
    expect(Buffer.from(record.split('.')[2]!, 'base64url').toString('latin1')).not.toContain('whsec');
  });

  it('is never written the same way twice', () => {
    const cipher = new SecretCipher([newKey]);

    expect(cipher.encrypt('same', owner)).not.toBe(cipher.encrypt('same', owner));
  });

  it('stays readable when a new key is put in front', () => {
    const record = new SecretCipher([oldKey]).encrypt('kept', owner);

    expect(new SecretCipher([newKey, oldKey]).decrypt(record, owner)).toBe('kept');
  });

  it('says which key is missing', () => {
    const record = new SecretCipher([oldKey]).encrypt('kept', owner);

    expect(() => new SecretCipher([newKey]).decrypt(record, owner)).toThrow(
      'A stored secret needs the key "old", which is missing in SECRET_KEYS.',
    );
  });

  it.each<Partial<SecretOwner>>([{ accountId: 'other' }, { endpointId: '0190-2' }, { purpose: 'headers' }])(
    'is no use to another owner, even after its own has read it: %j',
    (change) => {
      const cipher = new SecretCipher([newKey]);
      const record = cipher.encrypt('kept', owner);
      cipher.decrypt(record, owner);

      expect(() => cipher.decrypt(record, { ...owner, ...change })).toThrow('cannot be decrypted with the key "new"');
    },
  );

  it('is refused when any of it was changed, in words that do not quote it', () => {
    const cipher = new SecretCipher([newKey]);
    const record = cipher.encrypt('whsec_c2VjcmV0', owner);
    const start = 'v1.new.'.length;
    fc.assert(
      fc.property(fc.nat(record.length - start - 1), (offset) => {
        const at = start + offset;
        const changed = record.slice(0, at) + (record[at] === 'A' ? 'B' : 'A') + record.slice(at + 1);
        expect(() => cipher.decrypt(changed, owner)).toThrow(/^A stored secret cannot be decrypted with the key "new"/);
      }),
    );
  });

  it.each(['', 'whsec_plain', 'v1.new', 'v2.new.AAAA', 'v1.new.AA+A'])('is refused when its form is %j', (record) => {
    expect(() => new SecretCipher([newKey]).decrypt(record, owner)).toThrow('not of a form that is known');
  });

  it('is refused when it is cut short', () => {
    const cipher = new SecretCipher([newKey]);

    expect(() => cipher.decrypt('v1.new.AAAA', owner)).toThrow('cannot be decrypted with the key "new"');
  });

  it('is read right also when many others were read since', () => {
    const cipher = new SecretCipher([newKey]);
    const records = Array.from({ length: 6_000 }, (_, index) => cipher.encrypt(`secret ${index}`, owner));
    for (const record of records) cipher.decrypt(record, owner);

    expect(records.map((record) => cipher.decrypt(record, owner))).toEqual(
      records.map((_, index) => `secret ${index}`),
    );
  });
});

it('takes at least one key', () => {
  expect(() => new SecretCipher([])).toThrow('at least one key');
});
