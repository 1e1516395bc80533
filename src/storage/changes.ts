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

// A copy has other oids or is in another database; a cluster that was recovered to a moment, or failed over, goes on in a
// timeline of its own.
const FIND_PLACE = `
  select concat_ws('/', (select system_identifier from pg_control_system()),
                        (select timeline_id from pg_control_checkpoint()),
                        (select oid from pg_database where datname = current_database()),
                        'webhooks.change_feed'::regclass::oid) as place`;

/**
 * Begins the feed anew where its numbers of transactions do not go on: in a database that was restored, moved or failed
 * over. What it says of transactions yet to come is forgotten, and whoever comes with an older cursor has to query anew.
 */
export async function beginFeedAnew(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    const [here] = await tx.query<{ place: string }>(FIND_PLACE);
    const [feed] = await tx.query<{ place: string | null }>('select place from webhooks.change_feed for update');
    if (feed!.place === here!.place) return;
    const { length: future } = await tx.query(
      `delete from webhooks.changes where xid >= pg_snapshot_xmax(pg_current_snapshot()) returning 1`,
    );
    // Databases of before did not say where they were.
    const isSame = feed!.place === null && future === 0;
    await tx.query(
      `update webhooks.change_feed
          set place = $1, horizon = case when $2 then horizon else pg_current_xact_id() end,
              id = case when $2 then id else gen_random_uuid() end,
              former_ids = case when $2 then former_ids else former_ids || id end`,
      [here!.place, isSame],
    );
  });
}
