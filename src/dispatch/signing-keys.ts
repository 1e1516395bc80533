import { createSecretKey, type KeyObject } from 'node:crypto';
import { decodeSigningSecret } from '../endpoints/signing-secret.js';

/** A signing secret in the form that `createHmac` takes without looking into it first, which costs more than the HMAC. */
export interface SigningKeys {
  /** The secret as it is shown: of the product's own signature. */
  readonly product: KeyObject;
  /** What the secret decodes to: of Standard Webhooks. */
  readonly standard: KeyObject;
}

const REMEMBERED_COUNT = 5_000;

const remembered = new Map<string, SigningKeys>();

/** @param secret `whsec_` and base64, as its owner sees it */
export function signingKeysOf(secret: string): SigningKeys {
  const known = remembered.get(secret);
  if (known) return known;
  const keys = {
    product: createSecretKey(secret, 'utf8'),
    standard: createSecretKey(decodeSigningSecret(secret)),
  };
  if (remembered.size >= REMEMBERED_COUNT) remembered.clear();
  remembered.set(secret, keys);
  return keys;
}
