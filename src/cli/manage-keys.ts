import { SCOPES } from '../access/account.js';
import type { ApiKey } from '../access/api-key.js';
import { ApiKeys } from '../access/api-keys.js';
import { derivePeppers } from '../access/key-format.js';
import { checkNewApiKey } from '../access/new-api-key.js';
import { readConfig } from '../config/config.js';
import { Refusal } from '../refusal.js';
import { systemClock } from '../storage/clock.js';
import { fromTypeId } from '../storage/ids.js';
import { loadOrCreateSecretKeys } from '../storage/secret-keys.js';
import { openDatabase } from './open-database.js';

export interface CreateKeyOptions {
  readonly name: string;
  readonly account: string;
  /** All if left out. */
  readonly scopes?: readonly string[];
  /** Never if left out. */
  readonly expires?: Date;
}

/** Makes a key. It alone goes to standard output, so that a script can take it from there. */
export async function createKey(
  env: NodeJS.ProcessEnv,
  { name, account, scopes = SCOPES, expires }: CreateKeyOptions,
): Promise<void> {
  const operator = { accountId: account, scopes: SCOPES };
  const columns = checkNewApiKey({ name, scopes, expiresAt: expires }, operator, systemClock.now());
  if (columns instanceof Refusal) return fail(columns);
  await using opened = new AsyncDisposableStack();
  const { apiKey, key } = await (await openKeys(env, opened)).create(account, columns);
  console.log(key);
  console.error(`${describe(apiKey)}\nKeep the key: it is stored as a hash, and not shown again.`);
}

/** Prints a line for each key of an account, or of all accounts. */
export async function listKeys(env: NodeJS.ProcessEnv, { account }: { account?: string }): Promise<void> {
  await using opened = new AsyncDisposableStack();
  for (const apiKey of await (await openKeys(env, opened)).listAll(account ?? null)) console.log(describe(apiKey));
}

export async function revokeKey(env: NodeJS.ProcessEnv, id: string, { account }: { account: string }): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const revoked = await (await openKeys(env, opened)).revoke(account, fromTypeId('key', id));
  if (revoked instanceof Refusal) fail(revoked);
  else console.log(describe(revoked));
}

async function openKeys(env: NodeJS.ProcessEnv, opened: AsyncDisposableStack): Promise<ApiKeys> {
  const config = readConfig(env);
  const db = await openDatabase(config, 'revkeen-webhooks keys', opened);
  const secretKeys = config.secretKeys?.reveal() ?? (await loadOrCreateSecretKeys(config.dataDir));
  return new ApiKeys({ db, peppers: derivePeppers(secretKeys), clock: systemClock });
}

function describe({ globalId, accountId, name, hint, scopes, pepperId, ...times }: ApiKey): string {
  const { createdAt, expiresAt, lastUsedAt, revokedAt } = times;
  return [
    globalId,
    `account ${accountId}`,
    `…${hint}`,
    JSON.stringify(name),
    scopes.length === SCOPES.length ? 'all scopes' : scopes.join(','),
    `made ${createdAt.toISOString()}`,
    lastUsedAt ? `last used ${lastUsedAt.toISOString()}` : 'never used',
    ...(expiresAt ? [`expires ${expiresAt.toISOString()}`] : []),
    ...(revokedAt ? [`revoked ${revokedAt.toISOString()}`] : []),
    ...(pepperId === null ? [] : [`secret key "${pepperId}"`]),
  ].join('  ');
}

function fail({ errors }: Refusal): void {
  for (const { message } of errors) console.error(message);
  process.exitCode = 1;
}
