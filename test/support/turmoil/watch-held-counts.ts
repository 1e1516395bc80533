import { setTimeout as delay } from 'node:timers/promises';
import type { TestDatabase } from '../database.js';
import type { Random } from './random.js';

const LONGEST_PAUSE_MS = 60;

// One statement sees one moment. Deleted endpoints lose their deliveries bit by bit, and nobody sees their count.
const FIND_WRONG_COUNTS = `
  select coalesce(c.endpoint_id, d.endpoint_id) as "endpointId", coalesce(c.count, 0) as counted,
         coalesce(d.held, 0)::int as held, coalesce(d.tests, 0)::int as tests
    from webhooks.endpoint_held c
    full join (select account_id, endpoint_id, count(*) as held, count(*) filter (where not livemode) as tests
                 from webhooks.deliveries where status = 'HELD' group by 1, 2) d
      on c.account_id = d.account_id and c.endpoint_id = d.endpoint_id
    join webhooks.endpoints e
      on e.account_id = coalesce(c.account_id, d.account_id) and e.id = coalesce(c.endpoint_id, d.endpoint_id)
         and e.deleted_at is null
   where coalesce(c.count, 0) <> coalesce(d.held, 0) or d.tests > 0`;

/** What a watch has seen by the time it is stopped. */
export interface Watched {
  readonly lookCount: number;
  /** A sentence for each count that was wrong at some moment. */
  readonly wrong: readonly string[];
}

/** A watch that goes on until it is stopped, or the scope ends. */
export interface Watch extends AsyncDisposable {
  stop(): Promise<Watched>;
}

/** Looks at moments of chance whether the held counts are right, and no test event is held. */
export function watchHeldCounts(database: TestDatabase, random: Random): Watch {
  const wrong: string[] = [];
  let lookCount = 0;
  let isStopped = false;
  const look = async () => {
    const rows = await database.query<{ endpointId: string; counted: number; held: number; tests: number }>(
      FIND_WRONG_COUNTS,
    );
    lookCount += 1;
    for (const { endpointId, counted, held, tests } of rows) {
      wrong.push(
        `look ${lookCount}: endpoint ${endpointId} counts ${counted}, ${held} are HELD, ${tests} of them tests`,
      );
    }
  };
  const watching = (async () => {
    while (!isStopped) {
      await delay(random.whole(0, LONGEST_PAUSE_MS));
      await look();
    }
  })();
  const stop = async (): Promise<Watched> => {
    isStopped = true;
    await watching;
    return { lookCount, wrong };
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}
