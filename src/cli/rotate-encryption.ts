import { ApiKeys } from '../access/api-keys.js';
import { derivePeppers } from '../access/key-format.js';
import { readConfig } from '../config/config.js';
import { type EncryptionRotation, rotateEncryption, type UnreadableSecret } from '../endpoints/rotate-encryption.js';
import { SecretCipher } from '../endpoints/secret-cipher.js';
import { systemClock } from '../storage/clock.js';
import { toTypeId } from '../storage/ids.js';
import { loadOrCreateSecretKeys, type SecretKey } from '../storage/secret-keys.js';
import { counted } from './counted.js';
import { openDatabase } from './open-database.js';

/**
 * Encrypts all stored secrets with the first of `SECRET_KEYS`, and tells what still needs the others. Ends with 1 when
 * something does.
 */
export async function runRotateEncryption(env: NodeJS.ProcessEnv): Promise<void> {
  const config = readConfig(env);
  await using opened = new AsyncDisposableStack();
  const database = await openDatabase(config, 'revkeen-webhooks keys', opened);
  const keys = config.secretKeys?.reveal() ?? (await loadOrCreateSecretKeys(config.dataDir));
  const rotation = await rotateEncryption(database, new SecretCipher(keys));
  for (const secret of rotation.unreadable) console.error(describeUnreadable(secret));
  const apiKeys = new ApiKeys({ db: database, peppers: derivePeppers(keys), clock: systemClock });
  const staleKeyCount = await apiKeys.countStale();
  console.log(summaryOf(rotation, staleKeyCount, keys));
  if (rotation.unreadable.length > 0 || rotation.staleCount > 0 || staleKeyCount > 0) process.exitCode = 1;
}

function describeUnreadable({ accountId, endpointId, what, reason }: UnreadableSecret): string {
  return `${toTypeId('ep', endpointId)} of account ${accountId}: ${what} is left as it is. ${reason}`;
}

function summaryOf(
  { secretCount, endpointCount, unreadable, staleCount }: EncryptionRotation,
  staleKeyCount: number,
  keys: readonly SecretKey[],
): string {
  const [{ id: current }, ...others] = keys as [SecretKey, ...SecretKey[]];
  const lines = [
    `${counted(secretCount, 'secret')} of ${counted(endpointCount, 'endpoint')} encrypted anew with the key "${current}".`,
  ];
  if (unreadable.length > 0) {
    lines.push(
      `${counted(unreadable.length, 'secret')} could not be read: add the key to SECRET_KEYS and run this again, or rotate the signing secret and set the header anew.`,
    );
  }
  if (staleCount > 0) {
    lines.push(
      `${counted(staleCount, 'endpoint')} still had secrets of another key in the end: give every process the same SECRET_KEYS, then run this again.`,
    );
  }
  if (staleKeyCount > 0) {
    lines.push(
      `${counted(staleKeyCount, 'API key')} would be unknown without the other keys. Each comes over when it is next used: see \`keys list\`, use or revoke what is left, then run this again.`,
    );
  }
  if (unreadable.length === 0 && staleCount === 0 && staleKeyCount === 0) {
    lines.push(
      others.length > 0
        ? `No stored secret needs ${others.map(({ id }) => `"${id}"`).join(' or ')} any more: remove it from SECRET_KEYS wherever the service runs.`
        : 'No stored secret needs any other key.',
    );
  }
  return lines.join('\n');
}
