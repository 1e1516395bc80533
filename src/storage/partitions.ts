import { DAY_MS } from '../units.js';
import { type Database, type Executor, isTransient } from './database.js';
import { idAt } from './ids.js';
import { BATCH, inBatches } from './in-batches.js';
import { awaitTurn, Chore } from './locks.js';

/** How many days ahead of now the tables stand ready. */
const DAYS_AHEAD = 7;

// Dropping a partition waits for whoever reads the table, and everyone else waits behind it: give up soon.
const LOCK_BRIEFLY = `set local lock_timeout = '2s'`;

/** The tables that are cut by day: each by the id that says which day's story a row belongs to. */
const DAILY_TABLES = ['events', 'deliveries', 'attempts'] as const;

/**
 * Makes the partitions of yesterday, today and the week ahead, where they are missing.
 *
 * @throws when a table was in use for longer than everybody else can be made to wait; later will do.
 */
export async function createPartitions(db: Database, now: number): Promise<void> {
  const days = new Set(await partitionedDays(db));
  for (let day = startOfDay(now) - DAY_MS; day <= now + DAYS_AHEAD * DAY_MS; day += DAY_MS) {
    if (!days.has(day)) await createDay(db, day);
  }
}

/** The days, from now to the end of those that should stand ready, that have no partition: such as `20261126`. */
export async function missingDays(db: Executor, now: number): Promise<string[]> {
  const days = new Set(await partitionedDays(db));
  const missing: string[] = [];
  for (let day = startOfDay(now); day <= now + DAYS_AHEAD * DAY_MS; day += DAY_MS) {
    if (!days.has(day)) missing.push(nameOf(day));
  }
  return missing;
}

async function createDay(db: Database, day: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(LOCK_BRIEFLY);
    // A process that starts may be at the same day.
    await awaitTurn(tx, Chore.MakeDay);
    if ((await partitionedDays(tx)).includes(day)) return;
    for (const table of DAILY_TABLES) {
      const partition = partitionOf(table, day);
      // Attached, not made in its place: that waits for nobody who reads or writes the table, a backup for instance.
      await tx.query(`create table ${partition} (like webhooks.${table} including all)`);
      await tx.query(
        `alter table webhooks.${table} attach partition ${partition}
           for values from ('${idAt(day)}') to ('${idAt(day + DAY_MS)}')`,
      );
    }
  });
}

/**
 * Forgets the days before `before`. A day goes as a whole once nothing in it is unfinished; until then it loses
 * the deliveries that are finished, with their attempts, and the events that no delivery needs any more.
 */
export async function expirePartitions(
  db: Database,
  before: number,
  isStopping: () => boolean = () => false,
): Promise<{ dropped: string[] }> {
  const dropped: string[] = [];
  for (const day of await partitionedDays(db)) {
    if (day + DAY_MS > before || isStopping()) continue;
    if (await isUnfinished(db, day)) await forgetFinished(db, day, isStopping);
    else if (await dropDay(db, day)) dropped.push(nameOf(day));
  }
  return { dropped };
}

async function partitionedDays(db: Executor): Promise<number[]> {
  const rows = await db.query<{ day: string }>(
    `select right(c.relname, 8) as day
       from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'webhooks.deliveries'::regclass
      order by 1`,
  );
  return rows.map(({ day }) => Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`));
}

async function isUnfinished(db: Executor, day: number): Promise<boolean> {
  const [row] = await db.query<{ unfinished: boolean }>(
    `select exists (select from ${partitionOf('deliveries', day)}
                     where status not in ('SUCCEEDED', 'FAILED') or job_id is not null) as unfinished`,
  );
  return row!.unfinished;
}

/** Answers false when the tables are in use; there is no hurry. */
async function dropDay(db: Database, day: number): Promise<boolean> {
  try {
    await db.transaction(async (tx) => {
      await tx.query(LOCK_BRIEFLY);
      for (const table of DAILY_TABLES) await tx.query(`drop table if exists ${partitionOf(table, day)}`);
    });
    return true;
  } catch (error) {
    if (isTransient(error)) return false;
    throw error;
  }
}

async function forgetFinished(db: Executor, day: number, isStopping: () => boolean): Promise<void> {
  const deliveries = partitionOf('deliveries', day);
  await inBatches(
    db,
    `with gone as (
       delete from ${deliveries} where (account_id, id) in (
         select account_id, id from ${deliveries}
          where status in ('SUCCEEDED', 'FAILED') and job_id is null limit ${BATCH})
       returning account_id, id),
     attempts as (
       delete from ${partitionOf('attempts', day)} a using gone g
        where a.account_id = g.account_id and a.delivery_id = g.id)
     select count(*)::int as count from gone`,
    [],
    isStopping,
  );
  await inBatches(
    db,
    `with gone as (
       delete from ${partitionOf('events', day)} where (account_id, id) in (
         select account_id, id from ${partitionOf('events', day)} e
          where not exists (select from ${deliveries} d where d.account_id = e.account_id and d.event_id = e.id)
          limit ${BATCH})
       returning 1)
     select count(*)::int as count from gone`,
    [],
    isStopping,
  );
}

function partitionOf(table: (typeof DAILY_TABLES)[number], day: number): string {
  return `webhooks.${table}_${nameOf(day)}`;
}

/** `20261123` */
function nameOf(day: number): string {
  return new Date(day).toISOString().slice(0, 10).replaceAll('-', '');
}

function startOfDay(instant: number): number {
  return Math.floor(instant / DAY_MS) * DAY_MS;
}
