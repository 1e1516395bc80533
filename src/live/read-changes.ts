import type { Subject } from '../storage/changes.js';
import type { Executor, Statement } from '../storage/database.js';
import type { FeedIds } from './cursor.js';
import { before, type Snapshot } from './snapshot.js';

/** Something that changed. What became of it is read from its row. */
export interface Change {
  accountId: string;
  subject: Subject;
  id: string;
  /** The endpoint itself, or that of a delivery; null for anything else. */
  endpointId: string | null;
  /** The event itself, or that of a delivery; null for anything else. */
  eventId: string | null;
}

/** What became visible since a moment. */
export interface Changes {
  changes: Change[];
  /** The moment up to which it tells all. */
  to: Snapshot;
  /** Whether changes since the moment asked for may have been forgotten, or it lies ahead of a database restored. */
  isLost: boolean;
}

/** So many changes of one transaction are told one by one; of a larger one, no more than that it happened. */
const MAX_OF_A_TRANSACTION = 20_000;

// What a moment did not show and the present one does: of the transactions that were open then, and of all later ones.
// Those still open cannot be among the forgotten: they hold a lock on what they wrote to.
const READ_CHANGES: Statement = {
  name: 'read_changes',
  text: `
    with present as materialized (select pg_current_snapshot() as snapshot)
    select p.snapshot::text as snapshot,
           pg_snapshot_xmax($1::pg_snapshot) <= f.horizon
             or pg_snapshot_xmax($1::pg_snapshot) > pg_snapshot_xmax(p.snapshot)
             or exists (select from pg_snapshot_xip($1::pg_snapshot) as open (xid)
                         where open.xid <= f.horizon and pg_visible_in_snapshot(open.xid, p.snapshot)) as "isLost",
           c.xid::text as xid, c.account_id as "accountId", c.subject, c.subject_id as id,
           c.endpoint_id as "endpointId", c.event_id as "eventId"
      from present p
     cross join webhooks.change_feed f
      left join lateral (
        select c.* from unnest($2::text[]) as a (account_id)
         cross join lateral (
           select * from (
             (select * from webhooks.changes
               where account_id = a.account_id and xid >= pg_snapshot_xmax($1::pg_snapshot)
               order by xid, subject_id limit $3)
             union all
             (select c.* from pg_snapshot_xip($1::pg_snapshot) as open (xid)
               cross join lateral (
                 select * from webhooks.changes where account_id = a.account_id and xid = open.xid offset 0) c
               order by c.xid, c.subject_id limit $3)) either
           order by xid, subject_id limit $3) c) c on true
     order by c.xid, c.subject_id`,
};

// Each endpoint and each bulk retry once, however much happened.
const DIGEST_CHANGES: Statement = {
  name: 'digest_changes',
  text: `
    select distinct account_id as "accountId", subject, coalesce(endpoint_id, subject_id) as id,
           endpoint_id as "endpointId", null as "eventId"
      from webhooks.changes
     where account_id = $2 and subject <> 'event'
       and (xid >= pg_snapshot_xmax($1::pg_snapshot) or xid in (select pg_snapshot_xip($1::pg_snapshot)))`,
};

type Row = Change & { snapshot: Snapshot; isLost: boolean; xid: string | null };

/** Reads up to `limit` changes of each account since a moment, up to the present one. */
export async function readChanges(
  db: Executor,
  since: Snapshot,
  accountIds: readonly string[],
  limit: number,
): Promise<Changes> {
  const rows = await db.query<Row>(READ_CHANGES, [since, accountIds, limit]);
  const { snapshot, isLost } = rows[0]!;
  return { changes: rows.filter(hasXid), to: snapshot, isLost };
}

/** Reads which endpoints and bulk retries of an account changed since a moment, and no more than that. */
export async function digestChanges(db: Executor, since: Snapshot, accountId: string): Promise<Change[]> {
  return db.query(DIGEST_CHANGES, [since, accountId]);
}

/** Reads about `limit` changes of an account since a moment, whole transactions only, and says whether that is all. */
export async function readStretch(
  db: Executor,
  since: Snapshot,
  accountId: string,
  limit: number,
): Promise<Changes & { isLast: boolean }> {
  const rows = await db.query<Row>(READ_CHANGES, [since, [accountId], limit]);
  const { snapshot, isLost } = rows[0]!;
  if (rows.length < limit) return { changes: rows.filter(hasXid), to: snapshot, isLast: true, isLost };
  // The last transaction may go on beyond the limit.
  const last = rows.at(-1)!.xid!;
  const whole = rows.filter(({ xid }) => xid !== last);
  if (whole.length > 0) return { changes: whole, to: before(snapshot, BigInt(last)), isLast: false, isLost };
  return readTransaction(db, since, accountId);
}

/** Reads the first transaction that changed something of the account since a moment: cursors lie between transactions. */
async function readTransaction(
  db: Executor,
  since: Snapshot,
  accountId: string,
): Promise<Changes & { isLast: boolean }> {
  const rows = await db.query<Row>(READ_CHANGES, [since, [accountId], MAX_OF_A_TRANSACTION]);
  const { snapshot, isLost, xid } = rows[0]!;
  // Forgotten meanwhile.
  if (xid === null) return { changes: [], to: snapshot, isLast: true, isLost };
  const changes = rows.filter((row) => row.xid === xid);
  const isWhole = changes.length < MAX_OF_A_TRANSACTION;
  const to = before(snapshot, BigInt(xid) + 1n);
  return { changes: isWhole ? changes : [], to, isLast: false, isLost: isLost || !isWhole };
}

/** The present moment. */
export async function readSnapshot(db: Executor): Promise<Snapshot> {
  const [row] = await db.query<{ snapshot: Snapshot }>('select pg_current_snapshot()::text as snapshot');
  return row!.snapshot;
}

/** The id that tells this feed from those of other databases, and those that it had where it was before. */
export async function readFeedIds(db: Executor): Promise<FeedIds> {
  const [row] = await db.query<FeedIds>('select id, former_ids as "formerIds" from webhooks.change_feed');
  return row!;
}

function hasXid({ xid }: Row): boolean {
  return xid !== null;
}
