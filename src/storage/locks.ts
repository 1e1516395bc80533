import type { Transaction } from './database.js';

/** What one process at a time does, each with its lock: numbers that nobody else in the database is likely to take. */
export enum Chore {
  /** Bringing the database up to date. */
  Migrate = 7_265_110_301,
  /** Looking after deliveries outside the queue, and those whose job is lost. */
  Sweep = 7_265_110_302,
  /** Making days, dropping them, and forgetting what is too old. */
  TurnOver = 7_265_110_303,
  /** Making the tables of one day. */
  MakeDay = 7_265_110_304,
}

/** Waits for whoever is at it. From here to the end of the transaction nobody else is. */
export async function awaitTurn(tx: Transaction, chore: Chore): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [chore]);
}

/** Whether nobody is at it; then nobody else is to the end of the transaction. */
export async function takeTurn(tx: Transaction, chore: Chore): Promise<boolean> {
  const [row] = await tx.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1) as taken', [chore]);
  return row!.taken;
}
