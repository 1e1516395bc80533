import type { Database } from '../storage/database.js';
import { NIL_ID } from '../storage/ids.js';
import type { StoredHeader } from './endpoint.js';
import type { EndpointKey } from './endpoint-key.js';
import type { SecretCipher } from './secret-cipher.js';

/** A stored secret that none of the keys reads. It stays as it is. */
export interface UnreadableSecret extends EndpointKey {
  /** Such as `the header "X-Api-Key"`. */
  what: string;
  /** Why, without the secret. */
  reason: string;
}

/** What came of encrypting everything with the first key. */
export interface EncryptionRotation {
  /** How many signing secrets, current and previous, and header values were encrypted anew. */
  secretCount: number;
  /** How many endpoints these belong to. */
  endpointCount: number;
  unreadable: UnreadableSecret[];
  /** Endpoints with another key's secrets in the end: some process goes on writing with a key that is not the first. */
  staleCount: number;
}

/** What of an endpoint is encrypted, as it is stored. */
interface SealedEndpoint {
  accountId: string;
  id: string;
  current: string;
  previous: string | null;
  /** JSON, byte for byte. */
  headers: string;
}

const BATCH_SIZE = 200;

/** Whatever changes while it is read is left to the next pass; after so many, a process works against us. */
const MAX_PASSES = 5;

/**
 * Encrypts with the first key all signing secrets and secret headers that another key encrypted. Services may run
 * meanwhile: an endpoint is written only if it still is as it was read, so whatever people change stays.
 */
export async function rotateEncryption(database: Database, cipher: SecretCipher): Promise<EncryptionRotation> {
  const total: EncryptionRotation = { secretCount: 0, endpointCount: 0, unreadable: [], staleCount: 0 };
  for (let passes = 0; passes < MAX_PASSES; passes++) {
    total.unreadable = [];
    await rotateAll(database, cipher, total);
    const unreadableEndpoints = new Set(total.unreadable.map(({ accountId, endpointId }) => accountId + endpointId));
    total.staleCount = Math.max(0, (await countStale(database, cipher)) - unreadableEndpoints.size);
    if (total.staleCount === 0) break;
  }
  return total;
}

async function rotateAll(database: Database, cipher: SecretCipher, total: EncryptionRotation): Promise<void> {
  for (let last: Pick<SealedEndpoint, 'accountId' | 'id'> = FIRST; ; ) {
    const batch = await readStale(database, cipher, last);
    // A statement per row: whoever locks several endpoints at once never waits for us in a circle.
    await Promise.all(
      batch.map(async (stored) => {
        const { endpoint, secretCount, unreadable } = reseal(stored, cipher);
        total.unreadable.push(...unreadable);
        if (secretCount === 0 || !(await replace(database, stored, endpoint))) return;
        total.secretCount += secretCount;
        total.endpointCount += 1;
      }),
    );
    if (batch.length < BATCH_SIZE) return;
    last = batch.at(-1)!;
  }
}

/** Before all others. */
const FIRST = { accountId: '', id: NIL_ID };

/** The endpoint with its secrets encrypted by the first key: how many these are, and which cannot be read. */
function reseal(stored: SealedEndpoint, cipher: SecretCipher) {
  const { accountId, id: endpointId } = stored;
  const unreadable: UnreadableSecret[] = [];
  let secretCount = 0;
  const renew = (record: string, what: string, purpose: 'signing-secret' | 'headers'): string => {
    if (record.startsWith(cipher.currentPrefix)) return record;
    const owner = { accountId, endpointId, purpose };
    try {
      const renewed = cipher.encrypt(cipher.decrypt(record, owner), owner);
      secretCount += 1;
      return renewed;
    } catch (error) {
      unreadable.push({ accountId, endpointId, what, reason: (error as Error).message });
      return record;
    }
  };
  const { current, previous } = stored;
  const headers = (JSON.parse(stored.headers) as StoredHeader[]).map((header) =>
    'encryptedValue' in header
      ? { ...header, encryptedValue: renew(header.encryptedValue, `the header "${header.name}"`, 'headers') }
      : header,
  );
  const endpoint: SealedEndpoint = {
    ...stored,
    current: renew(current, 'the signing secret', 'signing-secret'),
    previous: previous === null ? null : renew(previous, 'the previous signing secret', 'signing-secret'),
    headers: JSON.stringify(headers),
  };
  return { endpoint, secretCount, unreadable };
}

/** Has a secret that does not begin with `$1`, the prefix of what the first key encrypts. */
const IS_STALE = `not (starts_with(encrypted_signing_secret, $1)
  and starts_with(coalesce(encrypted_previous_signing_secret, $1), $1)
  and not exists (select from json_array_elements(headers) header
                   where not starts_with(coalesce(header ->> 'encryptedValue', $1), $1)))`;

/** The first of those with a secret of another key behind `last`. */
async function readStale(
  database: Database,
  { currentPrefix }: SecretCipher,
  last: Pick<SealedEndpoint, 'accountId' | 'id'>,
): Promise<SealedEndpoint[]> {
  return database.query<SealedEndpoint>(
    `select account_id as "accountId", id, encrypted_signing_secret as current,
            encrypted_previous_signing_secret as previous, headers::text as headers
       from webhooks.endpoints where (account_id, id) > ($2, $3::uuid) and ${IS_STALE}
      order by account_id, id limit ${BATCH_SIZE}`,
    [currentPrefix, last.accountId, last.id],
  );
}

async function countStale(database: Database, { currentPrefix }: SecretCipher): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `select count(*)::integer as count from webhooks.endpoints where ${IS_STALE}`,
    [currentPrefix],
  );
  return row!.count;
}

/** Whether it still was as it was read. Its version stays: nothing changed that anyone can see. */
async function replace(database: Database, read: SealedEndpoint, resealed: SealedEndpoint): Promise<boolean> {
  const replaced = await database.query(
    `update webhooks.endpoints
        set encrypted_signing_secret = $3, encrypted_previous_signing_secret = $4, headers = $5::json
      where account_id = $1 and id = $2 and encrypted_signing_secret = $6
        and encrypted_previous_signing_secret is not distinct from $7 and headers::text = $8
      returning id`,
    [
      read.accountId,
      read.id,
      resealed.current,
      resealed.previous,
      resealed.headers,
      read.current,
      read.previous,
      read.headers,
    ],
  );
  return replaced.length === 1;
}
