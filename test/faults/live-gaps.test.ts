import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import pg from 'pg';
import { toTypeId } from '../../src/storage/ids.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startFleet } from '../support/faults/fleet.js';
import { Follower } from '../support/faults/follower.js';
import { startReceiver } from '../support/receiver.js';
import { testEnvironment, writeCa } from '../support/service.js';
import { Random } from '../support/turmoil/random.js';

/** Another play: `LIVE_SEEDS=2,3 npm test -- live-gaps`. */
const SEEDS = (process.env.LIVE_SEEDS ?? '1').split(',').map(Number);

const PLAY_MS = Number(process.env.LIVE_PLAY_MS ?? 12_000);
const FOLLOWER_COUNT = 4;

it.each(SEEDS)(
  'who follows the cursor ends up with what the database has, whatever connections, processes and transactions do (seed %i)',
  async (seed) => {
    const random = new Random(seed);
    await using opened = new AsyncDisposableStack();
    const receiver = opened.adopt(await startReceiver(), (one) => one.close());
    const database = opened.adopt(await createDatabase(), (one) => one.drop());
    const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
    const env = { ...testEnvironment(database.url), WEBHOOK_CA_FILE: caFile, RETRY_SCHEDULE: '200ms,400ms' };
    const fleet = opened.use(await startFleet({ apis: 2, dispatchers: 1 }, { ...env, LOG_LEVEL: 'silent' }));
    const apis = fleet.apis.map(({ api }) => api);
    const answers = random.fork('answers');
    receiver.answer(() => ({ status: answers.chance(0.7) ? 200 : 500 }));
    for (let number = 0; number < 3; number += 1) {
      await apis[0]!.createEndpoint({ url: `${receiver.url}/${number}`, allEvents: true });
    }
    const followers = Array.from({ length: FOLLOWER_COUNT }, (_, index) => {
      const own = random.fork(`follower ${index}`);
      return opened.use(new Follower(`follower ${index + 1}`, () => own.pick(apis)));
    });
    await Promise.all(followers.map(({ ready }) => ready));

    const end = Date.now() + PLAY_MS;
    const again = async (name: string, longestPauseMs: number, act: (own: Random) => Promise<unknown>) => {
      const own = random.fork(name);
      while (Date.now() < end) {
        await delay(own.whole(0, longestPauseMs));
        await act(own);
      }
    };
    let killCount = 0;
    let lateCount = 0;
    await Promise.all([
      ...['publisher 1', 'publisher 2', 'publisher 3'].map((name) =>
        again(name, 100, (own) =>
          own
            .pick(apis)
            .publishEvent('invoice.paid')
            .catch(() => {}),
        ),
      ),
      again('cut', 800, async (own) => own.pick(followers).cut()),
      again('kill', 6_000, async (own) => {
        const api = own.pick(fleet.apis);
        await api.stop('SIGKILL');
        await delay(own.whole(0, 1_000));
        await api.start();
        killCount += 1;
      }),
      ...['late 1', 'late 2'].map((name) =>
        again(name, 500, async (own) => {
          lateCount += await changeLate(database.url, own.whole(200, 2_500));
        }),
      ),
      again('open elsewhere', 300, async (own) => stayOpen(database.url, own.whole(500, 4_000))),
    ]);

    const isStill = async () => {
      const [row] = await database.query<{ open: boolean }>(
        `select exists (select from webhooks.deliveries where status not in ('SUCCEEDED', 'FAILED')) as open`,
      );
      return !row!.open;
    };
    await eventually('all final', isStill, 30_000);
    const rows = await database.query<{ id: string; status: string; version: number }>(
      `select id, status, version from webhooks.deliveries`,
    );
    expect(rows.length).toBeGreaterThan(100);
    const expected = statesOf(rows.map((row) => ({ ...row, id: toTypeId('dlv', row.id) })));
    for (const follower of followers) {
      const told = () => statesOf(follower.told.values());
      await eventually('told all', async () => told().join() === expected.join(), 30_000).catch(() => {});
      expect({ follower: follower.name, told: told(), wrong: follower.wrong }).toEqual({
        follower: follower.name,
        told: expected,
        wrong: [],
      });
    }
    const connections = followers.reduce((sum, { connectionCount }) => sum + connectionCount, 0);
    const updates = followers.reduce((sum, { updateCount }) => sum + updateCount, 0);
    process.stdout.write(
      `  live, seed ${seed}: ${rows.length} deliveries, ${updates} updates over ${connections} connections, ` +
        `${killCount} kills, ${lateCount} late commits: no gap\n`,
    );
    expect(lateCount).toBeGreaterThan(0);
  },
  PLAY_MS + 120_000,
);

function statesOf(deliveries: Iterable<{ id: string; status: string; version: number }>): string[] {
  return [...deliveries].map(({ id, status, version }) => `${id} ${status} ${version}`).sort();
}

/** Changes a finished delivery in a transaction that commits long after later ones. Answers how many it changed. */
async function changeLate(url: string, afterMs: number): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin');
    const { rowCount } = await client.query(
      `with changed as (
         update webhooks.deliveries set version = version + 1 where (account_id, id) in (
           select account_id, id from webhooks.deliveries where status = 'SUCCEEDED' order by random() limit 3
              for update skip locked)
         returning account_id, id, endpoint_id, event_id)
       insert into webhooks.changes (account_id, subject, subject_id, endpoint_id, event_id)
       select account_id, 'delivery', id, endpoint_id, event_id from changed`,
    );
    await delay(afterMs);
    await client.query('commit');
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}

/** Keeps a transaction with a number of its own open, as some report elsewhere would. */
async function stayOpen(url: string, forMs: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query('select pg_current_xact_id()');
  await delay(forMs);
  await client.end();
}
