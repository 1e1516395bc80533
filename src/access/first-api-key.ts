import type { Executor } from '../storage/database.js';
import { DEFAULT_ACCOUNT, SCOPES } from './account.js';
import { type ApiKeys, hasApiKeys } from './api-keys.js';

/** Makes the key of the first start of all, which can do everything. Null where there are keys already. */
export async function createFirstApiKey(db: Executor, apiKeys: ApiKeys): Promise<string | null> {
  if (await hasApiKeys(db)) return null;
  const { key } = await apiKeys.create(DEFAULT_ACCOUNT, { name: 'First start', scopes: SCOPES, expiresAt: null });
  return key;
}
