import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { decodeSigningSecret, generateSigningSecret, hintOf } from '../../../src/endpoints/signing-secret.js';

describe('a signing secret', () => {
  it('is whsec_ and base64 of 32 bytes', () => {
    const secret = generateSigningSecret();

    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(decodeSigningSecret(secret)).toHaveLength(32);
  });

  it('is another one each time', () => {
    const secrets = Array.from({ length: 100 }, generateSigningSecret);

    expect(new Set(secrets).size).toBe(100);
  });

  it('is one that a Standard Webhooks library takes', () => {
    expect(() => new Webhook(generateSigningSecret())).not.toThrow();
  });

  it('shows its last four characters as a hint', () => {
    expect(hintOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toBe('LaSw');
  });

  it('is not decoded without its prefix, nor quoted then', () => {
    expect(() => decodeSigningSecret('MfKQ9r8GKYqrTwjU')).toThrow(new Error('A signing secret starts with whsec_.'));
  });
});
