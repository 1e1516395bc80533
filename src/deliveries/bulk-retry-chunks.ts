import type { EndpointKey } from '../endpoints/endpoint-key.js';
import type { Executor, Statement, Transaction } from '../storage/database.js';
import { NIL_ID } from '../storage/ids.js';

/** What a bulk retry has left to do at one endpoint: one chunk of ids or more. */
export interface Share extends EndpointKey {
  bulkRetryId: string;
}

/** Some of the ids of a share, oldest first. This transaction has the row locked. */
export interface Chunk extends Share {
  number: number;
  deliveryIds: string[];
}

/** So many shares are found at a time. */
export const SHARES_AT_ONCE = 1_000;

// A loose index scan: one step per share, however many chunks it has.
const FIND_SHARES: Statement = {
  name: 'find_bulk_retry_shares',
  text: `
    with recursive shares as (
      (select account_id, bulk_retry_id, endpoint_id from webhooks.bulk_retry_chunks
        where (account_id, bulk_retry_id, endpoint_id) > ($1, $2, $3)
        order by account_id, bulk_retry_id, endpoint_id limit 1)
      union all
      select n.account_id, n.bulk_retry_id, n.endpoint_id from shares s
       cross join lateral (
         select account_id, bulk_retry_id, endpoint_id from webhooks.bulk_retry_chunks
          where (account_id, bulk_retry_id, endpoint_id) > (s.account_id, s.bulk_retry_id, s.endpoint_id)
          order by account_id, bulk_retry_id, endpoint_id limit 1) n)
    select account_id as "accountId", bulk_retry_id as "bulkRetryId", endpoint_id as "endpointId" from shares
     limit ${SHARES_AT_ONCE}`,
};

// The first and no other: while somebody is at it, its share is taken care of.
const LOCK_FIRST_CHUNK: Statement = {
  name: 'lock_first_bulk_retry_chunk',
  text: `
    select account_id as "accountId", bulk_retry_id as "bulkRetryId", endpoint_id as "endpointId", number,
           delivery_ids as "deliveryIds"
      from webhooks.bulk_retry_chunks
     where account_id = $1 and bulk_retry_id = $2 and endpoint_id = $3
       and number = (select number from webhooks.bulk_retry_chunks
                      where account_id = $1 and bulk_retry_id = $2 and endpoint_id = $3
                      order by number limit 1)
       for update skip locked`,
};

const SHORTEN_CHUNK: Statement = {
  name: 'shorten_bulk_retry_chunk',
  text: `
    update webhooks.bulk_retry_chunks set delivery_ids = $5
     where account_id = $1 and bulk_retry_id = $2 and endpoint_id = $3 and number = $4`,
};

const DELETE_CHUNK: Statement = {
  name: 'delete_bulk_retry_chunk',
  text: `
    delete from webhooks.bulk_retry_chunks
     where account_id = $1 and bulk_retry_id = $2 and endpoint_id = $3 and number = $4`,
};

const DELETE_CHUNKS: Statement = {
  name: 'delete_bulk_retry_chunks',
  text: 'delete from webhooks.bulk_retry_chunks where account_id = $1 and bulk_retry_id = $2',
};

/** The shares that follow, in the order of account, bulk retry and endpoint; those of one that is over are gone. */
export function findShares(
  db: Executor,
  after: Share = { accountId: '', bulkRetryId: NIL_ID, endpointId: NIL_ID },
): Promise<Share[]> {
  return db.query(FIND_SHARES, keyOf(after));
}

/** Locks the first chunk of a share; null when it is locked already, or none is left. */
export async function lockFirstChunk(tx: Transaction, share: Share): Promise<Chunk | null> {
  const [chunk] = await tx.query<Chunk>(LOCK_FIRST_CHUNK, keyOf(share));
  return chunk ?? null;
}

/** Takes the first so many ids out of a chunk, and the chunk away when none is left. */
export async function shorten(tx: Transaction, chunk: Chunk, count: number): Promise<void> {
  const rest = chunk.deliveryIds.slice(count);
  const key = [...keyOf(chunk), chunk.number];
  await (rest.length > 0 ? tx.query(SHORTEN_CHUNK, [...key, rest]) : tx.query(DELETE_CHUNK, key));
}

/** Takes away all that is left to do, once whoever is at a chunk has finished a batch. */
export async function deleteChunks(tx: Transaction, accountId: string, bulkRetryId: string): Promise<void> {
  await tx.query(DELETE_CHUNKS, [accountId, bulkRetryId]);
}

function keyOf({ accountId, bulkRetryId, endpointId }: Share): string[] {
  return [accountId, bulkRetryId, endpointId];
}
