import { type Refusal, refuse, UserErrorCode } from '../refusal.js';
import type { Clock } from '../storage/clock.js';
import type { Executor, Statement } from '../storage/database.js';
import { newId } from '../storage/ids.js';
import type { KeysetPage, KeysetRows } from '../storage/keyset.js';
import { ApiKey } from './api-key.js';
import { generateApiKey, hashApiKey, hintOf, type KeyHash, type Pepper, possibleHashes } from './key-format.js';
import type { ApiKeyColumns } from './new-api-key.js';

/** A new key, and what was stored of it. Nobody can tell the key again. */
export interface CreatedApiKey {
  readonly apiKey: ApiKey;
  readonly key: string;
}

/** A key that is valid at this moment, as far as the database knows. */
export type FoundApiKey = Pick<ApiKey, 'accountId' | 'id' | 'scopes' | 'expiresAt' | 'lastUsedAt' | 'pepperId'>;

const COLUMNS = `account_id as "accountId", id, name, hint, scopes, created_at as "createdAt", expires_at as "expiresAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt", pepper_id as "pepperId"`;

const FIND: Statement = {
  name: 'find_api_key',
  text: `select account_id as "accountId", id, scopes, expires_at as "expiresAt", last_used_at as "lastUsedAt",
                pepper_id as "pepperId"
           from webhooks.api_keys where key_hash = any ($1::bytea[]) and revoked_at is null`,
};

const FIND_REVOKED: Statement = {
  name: 'find_revoked_keys',
  text: `select asked.id from unnest($1::text[], $2::uuid[]) as asked (account_id, id)
          where not exists (select from webhooks.api_keys k
                             where k.account_id = asked.account_id and k.id = asked.id and k.revoked_at is null)`,
};

/** The keys of all accounts, where they are stored. */
export class ApiKeys {
  readonly #db: Executor;
  readonly #peppers: readonly Pepper[];
  readonly #clock: Clock;

  constructor({ db, peppers, clock }: { db: Executor; peppers: readonly Pepper[]; clock: Clock }) {
    this.#db = db;
    this.#peppers = peppers;
    this.#clock = clock;
  }

  async create(accountId: string, { name, scopes, expiresAt }: ApiKeyColumns): Promise<CreatedApiKey> {
    const key = generateApiKey();
    const { hash, pepperId } = hashApiKey(key, this.#pepper);
    const now = this.#clock.now();
    const rows = await this.#db.query<ApiKey>(
      `insert into webhooks.api_keys (account_id, id, name, hint, scopes, key_hash, pepper_id, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${COLUMNS}`,
      [accountId, newId(now), name, hintOf(key), scopes, hash, pepperId, new Date(now), expiresAt],
    );
    return { apiKey: toApiKey(rows[0]!), key };
  }

  /** The keys of an account, those that are no longer valid included. */
  async list(accountId: string, { limit, from, olderThan, newerThan }: KeysetPage): Promise<KeysetRows<ApiKey>> {
    const rows = await this.#db.query<ApiKey>(
      `select ${COLUMNS} from webhooks.api_keys
        where account_id = $1 and ($2::uuid is null or id < $2) and ($3::uuid is null or id > $3)
        order by id ${from === 'newest' ? 'desc' : 'asc'} limit $4`,
      [accountId, olderThan ?? null, newerThan ?? null, limit + 1],
    );
    const page = rows.slice(0, limit).map(toApiKey);
    return { rows: from === 'newest' ? page : page.reverse(), hasMore: rows.length > limit };
  }

  /** The keys of every account, or of one; the newest last. */
  async listAll(accountId: string | null): Promise<ApiKey[]> {
    const rows = await this.#db.query<ApiKey>(
      `select ${COLUMNS} from webhooks.api_keys where $1::text is null or account_id = $1 order by account_id, id`,
      [accountId],
    );
    return rows.map(toApiKey);
  }

  async read(accountId: string, id: string): Promise<ApiKey | null> {
    const rows = await this.#db.query<ApiKey>(
      `select ${COLUMNS} from webhooks.api_keys where account_id = $1 and id = $2`,
      [accountId, id],
    );
    return rows[0] ? toApiKey(rows[0]) : null;
  }

  /** Takes a key out of use, for good. Revoking what is revoked changes nothing. `id` is null for one that cannot exist. */
  async revoke(accountId: string, id: string | null): Promise<ApiKey | Refusal> {
    const rows = await this.#db.query<ApiKey>(
      `update webhooks.api_keys set revoked_at = coalesce(revoked_at, $3)
        where account_id = $1 and id = $2 returning ${COLUMNS}`,
      [accountId, id, new Date(this.#clock.now())],
    );
    if (rows[0]) return toApiKey(rows[0]);
    return refuse(UserErrorCode.NOT_FOUND, 'There is no API key with this ID.', ['id']);
  }

  /** Who may come with this key; null for one that is unknown, revoked or expired. Does not ask for what cannot be a key. */
  async find(key: string): Promise<FoundApiKey | null> {
    const hashes = possibleHashes(key, this.#peppers).map(({ hash }) => hash);
    if (hashes.length === 0) return null;
    const [found] = await this.#db.query<FoundApiKey>(FIND, [hashes]);
    return found && (!found.expiresAt || found.expiresAt.getTime() > this.#clock.now()) ? found : null;
  }

  /** What should be stored of a key instead, once the secret key of its pepper is the first no longer; null for nothing. */
  betterHash(key: string, { pepperId }: FoundApiKey): KeyHash | null {
    // One without a pepper keeps its hash: the version before this one may still be running beside it.
    return pepperId === null || pepperId === this.#pepper.id ? null : hashApiKey(key, this.#pepper);
  }

  /** How many valid keys would be unknown without the other secret keys: they come over when they are next used. */
  async countStale(): Promise<number> {
    const [row] = await this.#db.query<{ count: number }>(
      `select count(*)::integer as count from webhooks.api_keys
        where pepper_id <> $1 and revoked_at is null and (expires_at is null or expires_at > $2)`,
      [this.#pepper.id, new Date(this.#clock.now())],
    );
    return row!.count;
  }

  get #pepper(): Pepper {
    return this.#peppers[0]!;
  }
}

export async function hasApiKeys(db: Executor): Promise<boolean> {
  const [row] = await db.query<{ any: boolean }>('select exists (select from webhooks.api_keys) as any');
  return row!.any;
}

/** Which of these keys can no longer be used: their ids. */
export async function findRevokedKeys(
  db: Executor,
  keys: readonly Pick<ApiKey, 'accountId' | 'id'>[],
): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ id: string }>(FIND_REVOKED, [
    keys.map(({ accountId }) => accountId),
    keys.map(({ id }) => id),
  ]);
  return new Set(rows.map(({ id }) => id));
}

function toApiKey(row: ApiKey): ApiKey {
  return Object.assign(new ApiKey(), row);
}
