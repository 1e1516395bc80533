import type { Subject } from '../storage/changes.js';
import type { Executor, Statement } from '../storage/database.js';
import { before, type Snapshot } from './snapshot.js';

/** Something that changed. What became of it is read from its row. */
export interface Change {
  accountId: string;
  subject: Subject;
  id: string;
  /** The endpoint itself, or that of a delivery; null for a bulk retry. */
  endpointId: string | null;
  /** The event of a delivery; null for anything else. */
  eventId: string | null;
}

/** What became visible between two moments. */
export interface Stretch {
  changes: Change[];
  /** The moment up to which it tells all. */
  to: Snapshot;
  /** Whether that is the present one; otherwise there is more to read. */
  isLast: boolean;
  /** Whether changes since the moment asked for may have been forgotten, or it lies ahead of a database restored. */
  isLost: boolean;
}

// What a moment did not show and the present one does: of the transactions that were open then, and of all later ones.
const READ_CHANGES: Statement = {
  name: 'read_changes',
  text: `
    with present as materialized (select pg_current_snapshot() as snapshot)
    select p.snapshot::text as snapshot,
           pg_snapshot_xmin($1::pg_snapshot) <= f.horizon
             or pg_snapshot_xmax($1::pg_snapshot) > pg_snapshot_xmax(p.snapshot) as "isLost",
           c.xid::text as xid, c.account_id as "accountId", c.subject, c.subject_id as id,
           c.endpoint_id as "endpointId", c.event_id as "eventId"
      from present p
     cross join webhooks.change_feed f
      left join lateral (
        select * from (
          (select * from webhooks.changes
            where xid >= pg_snapshot_xmax($1::pg_snapshot) and account_id = any ($2::text[])
            order by xid, subject_id limit $3)
          union all
          (select c.* from pg_snapshot_xip($1::pg_snapshot) as open (xid)
            cross join lateral (
              select * from webhooks.changes where xid = open.xid and account_id = any ($2::text[]) offset 0) c
            order by c.xid, c.subject_id limit $3)) either
        order by xid, subject_id limit $3) c on true
     order by c.xid, c.subject_id`,
};

type Row = Change & { snapshot: Snapshot; isLost: boolean; xid: string | null };

/** Reads about `limit` changes of some accounts after a moment; more when one transaction made them. */
export async function readChanges(
  db: Executor,
  since: Snapshot,
  accountIds: readonly string[],
  limit: number,
): Promise<Stretch> {
  const rows = await db.query<Row>(READ_CHANGES, [since, accountIds, limit]);
  const { snapshot, isLost } = rows[0]!;
  if (rows.length < limit) return { changes: rows.filter(hasXid), to: snapshot, isLast: true, isLost };
  // The last transaction may go on beyond the limit.
  const last = rows.at(-1)!.xid!;
  const whole = rows.filter(({ xid }) => xid !== last);
  if (whole.length === 0) return readChanges(db, since, accountIds, limit * 8);
  return { changes: whole, to: before(snapshot, BigInt(last)), isLast: false, isLost };
}

/** The present moment. */
export async function readSnapshot(db: Executor): Promise<Snapshot> {
  const [row] = await db.query<{ snapshot: Snapshot }>('select pg_current_snapshot()::text as snapshot');
  return row!.snapshot;
}

/** The id that tells this feed from those of other databases. */
export async function readFeedId(db: Executor): Promise<string> {
  const [row] = await db.query<{ id: string }>('select id from webhooks.change_feed');
  return row!.id;
}

function hasXid({ xid }: Row): boolean {
  return xid !== null;
}
