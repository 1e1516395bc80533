import type { Executor } from '../storage/database.js';
import { MINUTE_MS } from '../units.js';
import type { FoundApiKey } from './api-keys.js';
import type { KeyHash } from './key-format.js';

/** When a key was used is told to within this, in milliseconds: it is written down once a minute, not with each request. */
const PRECISION_MS = MINUTE_MS;

interface Use {
  readonly accountId: string;
  readonly id: string;
  readonly usedAt: Date;
  readonly betterHash: KeyHash | null;
}

/** Gathers which keys were used, so that nobody who uses one has to wait until that is written down. */
export class KeyUse {
  readonly #pending = new Map<string, Use>();

  note({ accountId, id, lastUsedAt }: FoundApiKey, usedAtMs: number, betterHash: KeyHash | null): void {
    const isFresh = lastUsedAt !== null && usedAtMs - lastUsedAt.getTime() < PRECISION_MS;
    if (isFresh && !betterHash) return;
    this.#pending.set(id, { accountId, id, usedAt: new Date(usedAtMs), betterHash });
  }

  /** Writes down what was gathered since. */
  async flush(db: Executor): Promise<void> {
    if (this.#pending.size === 0) return;
    const uses = [...this.#pending.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#pending.clear();
    await db.query(
      `update webhooks.api_keys k
          set last_used_at = greatest(k.last_used_at, used.at),
              key_hash = coalesce(used.key_hash, k.key_hash), pepper_id = coalesce(used.pepper_id, k.pepper_id)
         from unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::bytea[], $5::text[])
              as used (account_id, id, at, key_hash, pepper_id)
        where k.account_id = used.account_id and k.id = used.id`,
      [
        uses.map(({ accountId }) => accountId),
        uses.map(({ id }) => id),
        uses.map(({ usedAt }) => usedAt),
        uses.map(({ betterHash }) => betterHash?.hash ?? null),
        uses.map(({ betterHash }) => betterHash?.pepperId ?? null),
      ],
    );
  }
}
