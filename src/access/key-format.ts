import { createHmac, hash, hkdfSync, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { SecretKey } from '../storage/secret-keys.js';

const PREFIX = 'rk_live_';
const RANDOM_BYTES = 32;
const CHECKSUM_BYTES = 4;
const HINT_LENGTH = 4;

/** Of this version: 36 bytes in Base64 are 48 letters exactly, so that no key has two spellings. */
const KEY = /^rk_live_[\w-]{48}$/;
/** Of earlier versions: without a checksum, and hashed without a pepper. */
const OLDER_KEY = /^rk_live_[\w-]{43}$/;

/** Makes the hashes of API keys what only a service with the same `SECRET_KEYS` can compute. */
export interface Pepper {
  /** The id of the secret key that it is derived from. */
  readonly id: string;
  readonly key: Buffer;
}

/** What is stored of a key. */
export interface KeyHash {
  readonly hash: Buffer;
  /** Null: hashed without one, by an earlier version. */
  readonly pepperId: string | null;
}

/** A new API key: 256 random bits, and a checksum by which a typo is found out without asking anybody. */
export function generateApiKey(): string {
  const random = randomBytes(RANDOM_BYTES);
  return PREFIX + Buffer.concat([random, checksumOf(random)]).toString('base64url');
}

/** The end of a key, by which a person tells it from others. */
export function hintOf(key: string): string {
  return key.slice(-HINT_LENGTH);
}

/** A pepper of each secret key, in the same order. They tell nothing about it, nor about what else is derived from it. */
export function derivePeppers(secretKeys: readonly SecretKey[]): Pepper[] {
  return secretKeys.map(({ id, key }) => ({
    id,
    key: Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'revkeen-webhooks: pepper of API keys', 32)),
  }));
}

export function hashApiKey(key: string, { id, key: pepper }: Pepper): KeyHash {
  return { hash: createHmac('sha256', pepper).update(key).digest(), pepperId: id };
}

/** What may be stored of this key, whichever secret key was the first when it was made; empty for what cannot be one. */
export function possibleHashes(key: string, peppers: readonly Pepper[]): KeyHash[] {
  if (OLDER_KEY.test(key)) return [{ hash: hash('sha256', key, 'buffer'), pepperId: null }];
  return isApiKey(key) ? peppers.map((pepper) => hashApiKey(key, pepper)) : [];
}

function isApiKey(text: string): boolean {
  if (!KEY.test(text)) return false;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  const [random, checksum] = [bytes.subarray(0, RANDOM_BYTES), bytes.subarray(RANDOM_BYTES)];
  return checksum.equals(checksumOf(random));
}

function checksumOf(random: Buffer): Buffer {
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32BE(crc32(random));
  return checksum;
}
