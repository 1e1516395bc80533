import { createHash } from 'node:crypto';
import type { Executor, Statement, Transaction } from '../storage/database.js';
import { BATCH, inBatches } from '../storage/in-batches.js';

const KEPT_FOR_MS = 24 * 60 * 60 * 1_000;

/** A key that a caller wants to use for an event. */
export interface Claim {
  accountId: string;
  key: string;
  contentHash: Buffer;
  eventId: string;
  at: Date;
}

/** What a key stands for: the claim's own event, or an earlier one. */
export interface Holder {
  eventId: string;
  contentHash: Buffer;
}

const CLAIM_KEYS: Statement = {
  name: 'claim_keys',
  text: `
    insert into webhooks.idempotency_keys as k (account_id, key, content_hash, event_id, created_at)
    select * from unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::timestamptz[]) as c (account_id, key)
     order by account_id, key
    on conflict (account_id, key) do update
      set content_hash = excluded.content_hash, event_id = excluded.event_id, created_at = excluded.created_at
      where k.created_at <= excluded.created_at - make_interval(secs => ${KEPT_FOR_MS / 1_000})`,
};

const READ_KEYS: Statement = {
  name: 'read_keys',
  text: `
    select k.account_id as "accountId", k.key, k.content_hash as "contentHash", k.event_id as "eventId"
      from unnest($1::text[], $2::text[]) as c (account_id, key)
      join webhooks.idempotency_keys k on k.account_id = c.account_id and k.key = c.key`,
};

/**
 * Takes keys that nobody used in the last 24 hours; waits for a transaction that is taking one of them at this moment.
 * Answers what each key stands for now. No key may be given twice.
 */
export async function claimKeys(tx: Transaction, claims: readonly Claim[]): Promise<(claim: Claim) => Holder> {
  const accountIds = claims.map(({ accountId }) => accountId);
  const keys = claims.map(({ key }) => key);
  await tx.query(CLAIM_KEYS, [
    accountIds,
    keys,
    claims.map(({ contentHash }) => contentHash),
    claims.map(({ eventId }) => eventId),
    claims.map(({ at }) => at),
  ]);
  const rows = await tx.query<Holder & Pick<Claim, 'accountId' | 'key'>>(READ_KEYS, [accountIds, keys]);
  const holders = new Map(rows.map((row) => [nameOf(row), row]));
  return (claim) => holders.get(nameOf(claim))!;
}

/** Two inputs with the same hash are the same event: equal type and equal serialised data. */
export function contentHashOf(type: string, dataText: string): Buffer {
  return createHash('sha256').update(`${type}\n${dataText}`).digest();
}

/** The key of a claim among those of all accounts. */
export function nameOf({ accountId, key }: Pick<Claim, 'accountId' | 'key'>): string {
  return `${accountId}\n${key}`;
}

/** Forgets keys that nobody can use any more. */
export async function forgetOldKeys(db: Executor, now: Date, isStopping: () => boolean): Promise<void> {
  await inBatches(
    db,
    `with gone as (
       delete from webhooks.idempotency_keys where ctid = any (array(
         select ctid from webhooks.idempotency_keys where created_at < $1 limit ${BATCH}))
       returning 1)
     select count(*)::int as count from gone`,
    [new Date(now.getTime() - KEPT_FOR_MS)],
    isStopping,
  );
}
