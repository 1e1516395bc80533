import { expect, it } from '@jest/globals';
import { setUpSeveral } from '../support/several-services.js';
import { answerByNature, answerWell } from '../support/turmoil/answering.js';
import { cutConnection, retryByHand, retryInBulk, sendTest } from '../support/turmoil/delivery-acts.js';
import {
  change,
  createEndpoint,
  replaceEndpoint,
  rotate,
  toggle,
  toggleQuickly,
} from '../support/turmoil/endpoint-acts.js';
import { findBrokenRules } from '../support/turmoil/find-broken-rules.js';
import { NATURES } from '../support/turmoil/natures.js';
import { publishBatch, publishOne } from '../support/turmoil/publishing-acts.js';
import { Random } from '../support/turmoil/random.js';
import { readBack } from '../support/turmoil/read-back.js';
import { disableAll, enableAll, isDone, isStill, settled } from '../support/turmoil/settling-down.js';
import { type Actor, perform, startTurmoil } from '../support/turmoil/turmoil.js';
import { watchHeldCounts } from '../support/turmoil/watch-held-counts.js';

/**
 * Another play: `PROPERTY_SEED=2,3 npm test -- holding-property`. What people do is the same with the same seed,
 * not when it happens.
 */
const SEEDS = (process.env.PROPERTY_SEED ?? '1').split(',').filter(Boolean).map(Number);

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

/**
 * What the services say, and go on: answers that come late; and leases that run out, whose jobs pg-boss offers again in an order of
 * its own while they are taken out of the queue in another.
 */
const OF_A_BUSY_MACHINE = /Query read timeout|timeout exceeded|deadlock detected.*pg-boss/;

it.each(SEEDS)(
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
      errors: HAS_CUTS ? [] : services.errors.filter((line) => !OF_A_BUSY_MACHINE.test(line)),
      waits: [held, delivered],
    }).toEqual({ brokenRules: [], wrongCounts: [], errors: [], waits: ['all that is open held', 'all delivered'] });
    expect(lookCount).toBeGreaterThan(50);
  },
  180_000,
);
