import { hash } from 'node:crypto';
import type { BootstrapKey } from '../config/config.js';
import type { Clock } from '../storage/clock.js';
import { type Caller, SCOPES } from './account.js';
import type { ApiKeys } from './api-keys.js';
import { parseBearer } from './bearer.js';
import type { KeyUse } from './key-use.js';
import { looksLikeToken, type VerifyToken } from './tokens.js';

/** How long credentials that were found valid are taken to be so, in milliseconds; never beyond their end. */
const REMEMBERED_FOR_MS = 2_000;
const REMEMBERED_COUNT = 1_000;

/** Says who is asking; null for credentials that are missing, malformed, unknown or no longer valid. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller | null>;

export interface AuthenticateOptions {
  bootstrapKeys: readonly BootstrapKey[];
  apiKeys: ApiKeys;
  use: KeyUse;
  /** Null: no tokens are accepted. */
  verifyToken: VerifyToken | null;
  clock: Clock;
}

/**
 * Knows credentials by their hash: those of the configuration first, then those seen a moment ago, then those of the
 * database, then tokens. So neither the time that it takes nor what is kept tells anything about a key.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { bootstrapKeys, clock } = options;
  const configured = new Map(
    bootstrapKeys.map(({ accountId, key }): [string, Caller] => [nameOf(key), { accountId, scopes: SCOPES }]),
  );
  const remembered = new Map<string, { caller: Caller; untilMs: number }>();

  return async (authorization) => {
    const credential = parseBearer(authorization);
    if (credential === null) return null;
    const name = nameOf(credential);
    const known = configured.get(name);
    if (known) return known;
    const recent = remembered.get(name);
    if (recent && recent.untilMs > performance.now() && isStillValid(recent.caller, clock)) return recent.caller;
    const caller = await identify(credential, options);
    if (remembered.size >= REMEMBERED_COUNT) remembered.clear();
    if (caller) remembered.set(name, { caller, untilMs: performance.now() + REMEMBERED_FOR_MS });
    else remembered.delete(name);
    return caller;
  };
}

async function identify(
  credential: string,
  { apiKeys, use, verifyToken, clock }: AuthenticateOptions,
): Promise<Caller | null> {
  if (verifyToken && looksLikeToken(credential)) return verifyToken(credential);
  const found = await apiKeys.find(credential);
  if (!found) return null;
  use.note(found, clock.now(), apiKeys.betterHash(credential, found));
  const { accountId, id, scopes, expiresAt } = found;
  return { accountId, scopes, apiKeyId: id, ...(expiresAt && { expiresAtMs: expiresAt.getTime() }) };
}

function isStillValid({ expiresAtMs = Number.POSITIVE_INFINITY }: Caller, clock: Clock): boolean {
  return clock.now() < expiresAtMs;
}

function nameOf(credential: string): string {
  return hash('sha256', credential, 'base64');
}
