import { type Database, isTransient, type Statement, type Transaction } from './database.js';

/** What a change is of. */
export type Subject = 'delivery' | 'endpoint' | 'bulk_retry' | 'event';

/**
 * SQL that notes changed deliveries in the feed: goes behind a `with` in which the query `changed` returns `account_id`,
 * `id`, `endpoint_id` and `event_id` of the rows that the same statement wrote.
 */
export const RECORD_CHANGED_DELIVERIES = `
  insert into webhooks.changes (account_id, subject, subject_id, endpoint_id, event_id)
  select account_id, 'delivery', id, endpoint_id, event_id from changed`;

const RECORD_CHANGE: Statement = {
  name: 'record_change',
  text: `
    insert into webhooks.changes (account_id, subject, subject_id, endpoint_id, event_id) values ($1, $2, $3, $4, $5)`,
};

/** Notes in the feed that something changed in this transaction, so that whoever watches it reads it anew. */
export async function recordChange(
  tx: Transaction,
  accountId: string,
  subject: Subject,
  id: string,
  {
    endpointId = subject === 'endpoint' ? id : null,
    eventId = null,
  }: { endpointId?: string | null; eventId?: string | null } = {},
): Promise<void> {
  await tx.query(RECORD_CHANGE, [accountId, subject, id, endpointId, eventId]);
}

const FIND_NEXT_SLOT = `
  select (floor(extract(epoch from clock_timestamp()) / 3600)::bigint + 1) % 4 as slot`;

/**
 * Forgets the changes in the slot of the hour to come: those of three hours ago. A cursor from before them is told that
 * something may be missing. Does nothing while the slot is in use: the next hour will do.
 */
export async function recycleChanges(db: Database): Promise<void> {
  const [next] = await db.query<{ slot: number }>(FIND_NEXT_SLOT);
  const table = `webhooks.changes_${next!.slot}`;
  try {
    await db.transaction(async (tx) => {
      await tx.query(`set local lock_timeout = '2s'`);
      await tx.query(`lock table ${table} in access exclusive mode`);
      const [still] = await tx.query<{ slot: number }>(FIND_NEXT_SLOT);
      if (still!.slot !== next!.slot) return;
      await tx.query(
        `update webhooks.change_feed f set horizon = c.newest
           from (select xid as newest from ${table} order by xid desc limit 1) c where c.newest > f.horizon`,
      );
      await tx.query(`truncate ${table}`);
    });
  } catch (error) {
    if (!isTransient(error)) throw error;
  }
}
