import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../storage/database.js';

/** A database that has not answered by then is as good as none. */
const READY_WITHIN_MS = 2_000;

/** Answers within two seconds whether the database can be written to; however often it is asked, it asks once. */
export function createReadiness(database: Database): () => Promise<boolean> {
  let asking: Promise<boolean> | undefined;
  return () => {
    asking ??= isWritable(database).finally(() => {
      asking = undefined;
    });
    return Promise.race([asking, delay(READY_WITHIN_MS, false)]);
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
