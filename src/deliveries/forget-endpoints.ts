import type { Database, Statement } from '../storage/database.js';
import { HOUR_MS } from '../units.js';

/** A deleted endpoint's row outlives its deliveries for so long: a publish under way may still write some. */
const TOMBSTONE_KEPT_MS = HOUR_MS;

const BATCH = 2_000;

/** Each may have thousands of rows of statistics. */
const ENDPOINTS_AT_ONCE = 50;

const FORGET_DELIVERIES: Statement = {
  name: 'forget_deliveries',
  text: `
    with gone as (
      select d.account_id, d.id
        from webhooks.endpoints e
        join webhooks.deliveries d on d.account_id = e.account_id and d.endpoint_id = e.id
       where e.deleted_at is not null
       limit ${BATCH}
         for update of d skip locked),
    attempts as (
      delete from webhooks.attempts a using gone g where a.account_id = g.account_id and a.delivery_id = g.id),
    deliveries as (
      delete from webhooks.deliveries d using gone g where d.account_id = g.account_id and d.id = g.id returning 1)
    select count(*)::int as count from deliveries`,
};

/**
 * Removes what deleted endpoints left behind: deliveries, attempts, statistics and at last the endpoint. Nobody has
 * seen any of it since the deletion; their jobs are dropped as stale. Answers whether there may be more.
 */
export async function forgetDeletedEndpoints(db: Database, now: Date): Promise<boolean> {
  const [row] = await db.query<{ count: number }>(FORGET_DELIVERIES);
  if (row!.count > 0) return true;
  const before = new Date(now.getTime() - TOMBSTONE_KEPT_MS);
  await db.transaction(async (tx) => {
    const endpoints = `select account_id, id from webhooks.endpoints where deleted_at < $1 order by deleted_at limit ${ENDPOINTS_AT_ONCE}`;
    for (const table of ['endpoint_health', 'endpoint_stats', 'endpoint_held', 'endpoint_pace']) {
      await tx.query(`delete from webhooks.${table} where (account_id, endpoint_id) in (${endpoints})`, [before]);
    }
    // Another dispatcher may be at the deliveries of one, and not have committed yet.
    await tx.query(
      `delete from webhooks.endpoints e
        where (account_id, id) in (${endpoints})
          and not exists (select from webhooks.deliveries d where d.account_id = e.account_id and d.endpoint_id = e.id)`,
      [before],
    );
  });
  return false;
}
