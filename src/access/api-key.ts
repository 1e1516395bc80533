import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../storage/clock.js';
import type { Executor } from '../storage/database.js';
import { newId } from '../storage/ids.js';

const PREFIX = 'rk_live_';
const KEY_BYTES = 32;

/** A new API key: 256 random bits, so that a plain hash of it is as hard to invert as the key is to guess. */
export function generateApiKey(): string {
  return PREFIX + randomBytes(KEY_BYTES).toString('base64url');
}

/** What is stored of a key, and what it is looked up by: SHA-256. */
export function hashApiKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** Stores a new key for an account. Answers the key, which is not stored and cannot be shown again. */
export async function createApiKey(db: Executor, accountId: string, clock: Clock): Promise<string> {
  const key = generateApiKey();
  const now = clock.now();
  await db.query(
    `insert into webhooks.api_keys (account_id, id, key_hash, hint, created_at) values ($1, $2, $3, $4, $5)`,
    [accountId, newId(now), hashApiKey(key), key.slice(-4), new Date(now)],
  );
  return key;
}

export async function hasApiKeys(db: Executor): Promise<boolean> {
  const [row] = await db.query<{ any: boolean }>('select exists (select from webhooks.api_keys) as any');
  return row!.any;
}

/** The account that a key belongs to; null for a key that nobody has. */
export async function accountOfApiKey(db: Executor, hash: Buffer): Promise<string | null> {
  const rows = await db.query<{ accountId: string }>(
    {
      name: 'account_of_api_key',
      text: 'select account_id as "accountId" from webhooks.api_keys where key_hash = $1',
    },
    [hash],
  );
  return rows[0]?.accountId ?? null;
}
