import { expect, it } from '@jest/globals';
import { type Ask, type Pace, reserve } from '../../../src/dispatch/pace.js';
import { Database, HOT_SETTINGS } from '../../../src/storage/database.js';
import { newId } from '../../../src/storage/ids.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

interface Setup extends AsyncDisposable {
  database: TestDatabase;
  /** Two processes have one each. */
  pools: [Database, Database];
}

async function setUp(): Promise<Setup> {
  const opened = new AsyncDisposableStack();
  const database = opened.adopt(await createDatabase(), (one) => one.drop());
  const open = async () =>
    opened.adopt(await Database.open({ url: database.url, name: 'test', settings: HOT_SETTINGS }), (one) =>
      one.close(),
    );
  return { database, pools: [await open(), await open()], [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function askOf(ratePerSecond: number, wanted: number): Ask {
  return { accountId: 'a', endpointId: newId(), ratePerSecond, wanted };
}

async function reserveOne(db: Database, ask: Ask): Promise<Pace> {
  return (await reserve(db, [ask])).get(ask.endpointId)!;
}

it('grants the first start at once, and others only if they are due within a moment', async () => {
  await using setup = await setUp();
  const [db] = setup.pools;

  const slow = await reserveOne(db, askOf(10, 5));
  const fast = await reserveOne(db, askOf(1_000, 5));

  expect(slow).toMatchObject({ granted: 1, worthAskingFor: 1 });
  expect(slow.firstInMs).toBeLessThanOrEqual(0);
  expect(slow.askAgainInMs).toBeGreaterThan(0);
  expect(slow.askAgainInMs).toBeLessThan(110);
  expect(fast.granted).toBe(5);
  expect(fast.askAgainInMs).toBeLessThanOrEqual(0);
});

it('keeps endpoints apart, and answers for each', async () => {
  await using setup = await setUp();
  const [db] = setup.pools;
  const asks = [askOf(1, 3), askOf(2, 3), askOf(3, 3)];
  await reserve(db, asks.slice(0, 2));

  const paces = await reserve(db, asks);

  expect(asks.map(({ endpointId }) => paces.get(endpointId)!.granted)).toEqual([0, 0, 1]);
});

it('grants as many together as one would get alone, however many ask at the same moment', async () => {
  await using setup = await setUp();
  const ask = askOf(200, 2);
  const startedAt = performance.now();
  let granted = 0;
  const keepAsking = async (db: Database) => {
    while (performance.now() - startedAt < 2_000) {
      const pace = await reserveOne(db, ask);
      granted += pace.granted;
    }
  };

  await Promise.all(setup.pools.flatMap((db) => [keepAsking(db), keepAsking(db), keepAsking(db)]));

  const seconds = (performance.now() - startedAt) / 1_000;
  expect(granted).toBeLessThanOrEqual(200 * seconds);
  expect(granted).toBeGreaterThan(50 * seconds);
});

it('goes on when the clock of the server went back', async () => {
  await using setup = await setUp();
  const [db] = setup.pools;
  const ask = askOf(2, 1);
  await reserveOne(db, ask);
  await setup.database.query(`update webhooks.endpoint_pace set next_at = next_at + interval '1 hour'`);

  const pace = await reserveOne(db, ask);

  expect(pace.granted).toBe(0);
  expect(pace.askAgainInMs).toBeLessThan(1_000);
  const [row] = await setup.database.query<{ isSoon: boolean }>(
    `select next_at < clock_timestamp() + interval '1 second' as "isSoon" from webhooks.endpoint_pace`,
  );
  expect(row!.isSoon).toBe(true);
});
