import { randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';

const SECRET_BYTES = 32;

/**
 * A new signing secret: `whsec_` and base64 of 32 random bytes.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */
export function generateSigningSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** The last four characters: enough to tell secrets apart in a list, nothing to sign with. */
export function hintOf(signingSecret: string): string {
  return signingSecret.slice(-4);
}

/**
 * The key of the Standard Webhooks scheme: the bytes behind the prefix. (The `sha256=` scheme takes the secret's own
 * characters instead.)
 *
 * @throws when it does not start with `whsec_`; the message does not quote it.
 */
export function decodeSigningSecret(signingSecret: string): Buffer {
  if (!signingSecret.startsWith(PREFIX)) throw new Error(`A signing secret starts with ${PREFIX}.`);
  return Buffer.from(signingSecret.slice(PREFIX.length), 'base64');
}
