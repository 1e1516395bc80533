import type { Database } from '../storage/database.js';
import { Chore, takeTurn } from '../storage/locks.js';
import type { Queue } from '../storage/queue.js';
import type { EndpointWindow } from './endpoint-window.js';
import { topUp } from './top-up.js';

/**
 * Puts due deliveries that are not in the queue into it, as far as their endpoint's window allows, oldest first.
 * Whatever else goes wrong, this brings every open delivery back on its way. Answers how many it queued.
 */
export async function sweep(db: Database, queue: Queue, window: EndpointWindow, now: Date): Promise<number> {
  const rooms = await window.observe(db, now);
  if (rooms.length === 0) return 0;
  return db.transaction(async (tx) => {
    if (!(await takeTurn(tx, Chore.Sweep))) return 0;
    const taken = await topUp(tx, queue, rooms, now);
    return taken.values().reduce((total, count) => total + count, 0);
  });
}
