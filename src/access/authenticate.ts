import type { BootstrapKey } from '../config.js';
import type { Executor } from '../storage/database.js';
import { type Caller, SCOPES } from './account.js';
import { accountOfApiKey, hashApiKey } from './api-key.js';

/** How long a key that was found is taken to exist, in milliseconds. */
const REMEMBERED_FOR_MS = 2_000;
const REMEMBERED_COUNT = 1_000;

/** Says who is asking; null for credentials that are missing, malformed or unknown. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller | null>;

/**
 * Looks API keys up by their hash: those of the configuration first, then those of the database. So neither the time
 * that it takes nor what is stored tells anything about a key.
 */
export function createAuthenticate(db: Executor, bootstrapKeys: readonly BootstrapKey[]): Authenticate {
  const configured = new Map(bootstrapKeys.map(({ accountId, key }) => [nameOf(hashApiKey(key)), accountId]));
  const remembered = new Map<string, { accountId: string; untilMs: number }>();

  async function accountOf(hash: Buffer): Promise<string | null> {
    const name = nameOf(hash);
    const known = configured.get(name);
    if (known !== undefined) return known;
    const recent = remembered.get(name);
    if (recent && recent.untilMs > performance.now()) return recent.accountId;
    const accountId = await accountOfApiKey(db, hash);
    if (remembered.size >= REMEMBERED_COUNT) remembered.clear();
    if (accountId === null) remembered.delete(name);
    else remembered.set(name, { accountId, untilMs: performance.now() + REMEMBERED_FOR_MS });
    return accountId;
  }

  return async (authorization) => {
    const [, key] = /^Bearer +(.+)$/i.exec(authorization ?? '') ?? [];
    if (key === undefined) return null;
    const accountId = await accountOf(hashApiKey(key));
    return accountId === null ? null : { accountId, scopes: SCOPES };
  };
}

function nameOf(hash: Buffer): string {
  return hash.toString('base64');
}
