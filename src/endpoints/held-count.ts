import type { Database, Statement, Transaction } from '../storage/database.js';
import type { EndpointKey } from './endpoint-key.js';

/** So many more deliveries of an endpoint are held; fewer when negative. */
export interface HeldChange extends EndpointKey {
  count: number;
}

const CHANGE_HELD: Statement = {
  name: 'change_held',
  text: `
    insert into webhooks.endpoint_held as h (account_id, endpoint_id, count)
    select account_id, endpoint_id, sum(count)::int
      from unnest($1::text[], $2::uuid[], $3::int[]) as c (account_id, endpoint_id, count)
     group by 1, 2 having sum(count) <> 0
     order by 1, 2
    on conflict (account_id, endpoint_id) do update set count = h.count + excluded.count`,
};

/**
 * Counts deliveries that became held, or no longer are, in the transaction that makes them so. Comes last before the
 * commit: whoever holds or releases for the same endpoint waits for it.
 */
export async function changeHeldCounts(tx: Transaction, changes: readonly HeldChange[]): Promise<void> {
  if (changes.every(({ count }) => count === 0)) return;
  await tx.query(CHANGE_HELD, [
    changes.map(({ accountId }) => accountId),
    changes.map(({ endpointId }) => endpointId),
    changes.map(({ count }) => count),
  ]);
}

/** How many deliveries of the endpoints are held; those that never held any are missing. */
export async function readHeldCounts(
  database: Database,
  accountId: string,
  endpointIds: readonly string[],
): Promise<{ endpointId: string; count: number }[]> {
  return database.query(
    `select endpoint_id as "endpointId", count from webhooks.endpoint_held
      where account_id = $1 and endpoint_id = any ($2)`,
    [accountId, endpointIds],
  );
}
