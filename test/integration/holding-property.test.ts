import { expect, it } from '@jest/globals';
import type { TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { setUpSeveral } from '../support/several-services.js';
import { answerByNature, answerWell } from '../support/turmoil/answering.js';
import { cutConnection, retryByHand, retryInBulk, sendTest } from '../support/turmoil/delivery-acts.js';
import {
  change,
  createEndpoint,
  disable,
  enable,
  replaceEndpoint,
  rotate,
  toggle,
  toggleQuickly,
} from '../support/turmoil/endpoint-acts.js';
import { findBrokenRules } from '../support/turmoil/find-broken-rules.js';
import { NATURES, natureOf } from '../support/turmoil/natures.js';
import { publishBatch, publishOne } from '../support/turmoil/publishing-acts.js';
import { Random } from '../support/turmoil/random.js';
import { readBack } from '../support/turmoil/read-back.js';
import { type Actor, insist, perform, startTurmoil, type Turmoil } from '../support/turmoil/turmoil.js';
import { watchHeldCounts } from '../support/turmoil/watch-held-counts.js';

/**
 * Played on request: `PROPERTY_SEED=1,2 npm test -- holding-property`. What people do is the same with the same seed,
 * not when it happens.
 */
const SEEDS = (process.env.PROPERTY_SEED ?? '').split(',').filter(Boolean).map(Number);

/** `PROPERTY_CUTS=1` has connections to the database cut now and then. */
const HAS_CUTS = process.env.PROPERTY_CUTS === '1';

const ACTORS: readonly Actor[] = [
  { act: publishOne, times: 30, longestPauseMs: 160 },
  { act: publishOne, times: 30, longestPauseMs: 160 },
  { act: publishBatch, times: 7, longestPauseMs: 800 },
  { act: publishBatch, times: 7, longestPauseMs: 800 },
  { act: toggle, times: 30, longestPauseMs: 160 },
  { act: toggle, times: 15, longestPauseMs: 320 },
  { act: toggleQuickly, times: 8, longestPauseMs: 600 },
  { act: retryByHand, times: 30, longestPauseMs: 100 },
  { act: retryByHand, times: 30, longestPauseMs: 100 },
  { act: retryInBulk, times: 6, longestPauseMs: 800 },
  { act: change, times: 14, longestPauseMs: 300 },
  { act: rotate, times: 6, longestPauseMs: 800 },
  { act: replaceEndpoint, times: 4, longestPauseMs: 1_200 },
  { act: sendTest, times: 12, longestPauseMs: 300 },
];
/** What is published while all is enabled again finds an endpoint disabled, or just not any more. */
const LATECOMERS: readonly Actor[] = Array.from({ length: 4 }, () => ({
  act: publishOne,
  times: 8,
  longestPauseMs: 10,
}));
const CUTTER: Actor = { act: cutConnection, times: 8, longestPauseMs: 1_000 };

/** Small enough that backlogs wait outside the queue, and that endpoints are disabled for failing. */
const ENVIRONMENT = { RETRY_SCHEDULE: '200ms,400ms', ENDPOINT_WINDOW: '16', AUTO_DISABLE_AFTER: '3s' };

(SEEDS.length > 0 ? it.each(SEEDS) : it.skip.each([0]))(
  'keeps every rule while endpoints are switched, changed and deleted in the middle of it all (seed %i)',
  async (seed) => {
    await using services = await setUpSeveral({
      roles: ['api', 'api', 'dispatcher', 'dispatcher'],
      env: ENVIRONMENT,
    });
    const turmoil = startTurmoil({ ...services, mayFail: HAS_CUTS });
    const random = new Random(seed);
    await using watch = watchHeldCounts(services.database, random.fork('watch'));
    answerByNature(turmoil, random.fork('answers'));
    for (const nature of Object.keys(NATURES)) await createEndpoint(turmoil, random.fork(nature), nature);

    await perform(turmoil, HAS_CUTS ? [...ACTORS, CUTTER] : ACTORS, random);
    await disableAll(turmoil, random);
    const held = await settled('all that is open held', () => isStill(services.database));
    answerWell(turmoil);
    await Promise.all([perform(turmoil, LATECOMERS, random.fork('late')), enableAll(turmoil, random)]);
    const delivered = await settled('all delivered', () => isDone(turmoil, random));

    const { lookCount, wrong } = await watch.stop();
    const seen = await readBack(services.apis[0]!, turmoil.ledger);
    expect({
      brokenRules: findBrokenRules({ ledger: turmoil.ledger, seen }),
      wrongCounts: wrong.slice(0, 5),
      errors: HAS_CUTS ? [] : services.errors,
      waits: [held, delivered],
    }).toEqual({ brokenRules: [], wrongCounts: [], errors: [], waits: ['all that is open held', 'all delivered'] });
    expect(lookCount).toBeGreaterThan(50);
  },
  180_000,
);

/** Waits until it is so. What it is not is no reason to stop here: the rules tell more. */
async function settled(what: string, look: () => Promise<boolean>): Promise<string> {
  return eventually(what, look, 60_000).then(
    () => what,
    (error: Error) => error.message,
  );
}

/** Those that are left alone stay enabled: an accepted retry there has to be made. */
async function disableAll(turmoil: Turmoil, random: Random): Promise<void> {
  const endpoints = turmoil.ledger.livingEndpoints().filter(({ name }) => !natureOf(name).isLeftAlone);
  await Promise.all(endpoints.map((endpoint) => disable(turmoil, random, endpoint)));
}

/** Enables all for good, the second time. */
async function enableAll(turmoil: Turmoil, random: Random): Promise<void> {
  const endpoints = turmoil.ledger.livingEndpoints();
  await Promise.all(endpoints.map((endpoint) => enable(turmoil, random, endpoint)));
  await disableAll(turmoil, random);
  await Promise.all(endpoints.map((endpoint) => enable(turmoil, random, endpoint)));
}

/** Whether nothing is queued, and what is open is held. */
async function isStill(database: TestDatabase): Promise<boolean> {
  const [row] = await database.query<{ isStill: boolean }>(
    `select not exists (select from webhooks_queue.job where state < 'completed')
        and not exists (select from webhooks.bulk_retry_chunks)
        and not exists (select from webhooks.deliveries d
                          join webhooks.endpoints e on e.account_id = d.account_id and e.id = d.endpoint_id
                         where e.deleted_at is null
                           and (d.status in ('PENDING', 'RETRYING') or d.job_id is not null)) as "isStill"`,
  );
  return row!.isStill;
}

/** Whether nothing is held either. What was answered before may have disabled an endpoint since: it is enabled again. */
async function isDone(turmoil: Turmoil, random: Random): Promise<boolean> {
  const { answer } = await insist(turmoil, random, (api) => {
    return api.page<{ id: string }>('endpoints', { filter: { statuses: ['DISABLED'] } });
  });
  for (const { id } of answer.nodes) await enable(turmoil, random, turmoil.ledger.endpoints.get(id)!);
  const held = await turmoil.database.query(
    `select from webhooks.deliveries d
       join webhooks.endpoints e on e.account_id = d.account_id and e.id = d.endpoint_id and e.deleted_at is null
      where d.status = 'HELD' limit 1`,
  );
  return answer.nodes.length === 0 && held.length === 0 && (await isStill(turmoil.database));
}
