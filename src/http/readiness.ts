import { setTimeout as delay } from 'node:timers/promises';
import { Database, type DatabaseOptions } from '../storage/database.js';

/** A database that has not answered by then is as good as none. */
const READY_WITHIN_MS = 2_000;

/** Says whether a process can do its work. */
export interface Readiness {
  /** Answers within two seconds whether the database can be written to; however often it is asked, it asks once. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

/** On a connection of its own: that all others are busy says nothing about the database. */
export async function openReadiness(
  options: Pick<DatabaseOptions, 'url' | 'name' | 'onConnectionLost'>,
): Promise<Readiness> {
  const database = await Database.open({ ...options, poolSize: 1, answerTimeoutMs: READY_WITHIN_MS });
  let asking: Promise<boolean> | undefined;
  return {
    isReady() {
      asking ??= isWritable(database).finally(() => {
        asking = undefined;
      });
      return Promise.race([asking, delay(READY_WITHIN_MS, false)]);
    },
    close: () => database.close(),
  };
}

async function isWritable(database: Database): Promise<boolean> {
  try {
    const [row] = await database.query<{ writable: boolean }>(
      `select current_setting('transaction_read_only') = 'off' as writable`,
    );
    return row!.writable;
  } catch {
    return false;
  }
}
