import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { type Setup, setUp } from '../../support/service.js';

const CAPACITY = 8;
const ANSWER_MS = 20;
const REFUSAL_MS = 5;

/** How long things may take on a machine that has much else to do. */
const PATIENCE_MS = 60_000;

let setup: Setup;

beforeAll(async () => {
  setup = await setUp({ env: { RETRY_SCHEDULE: '300ms,600ms,1200ms,1s,1s,1s,1s,1s,1s,1s' } });
});

afterAll(async () => {
  await setup?.[Symbol.asyncDispose]();
});

/**
 * From now on the receiver takes so many at once, and answers 503 beyond. Answers how many it had open as each request
 * came, itself included.
 */
function answerWithinCapacity(): number[] {
  const openCounts: number[] = [];
  let openCount = 0;
  setup.receiver.answer(async () => {
    openCount += 1;
    openCounts.push(openCount);
    const isRefused = openCount > CAPACITY;
    await delay(isRefused ? REFUSAL_MS : ANSWER_MS);
    openCount -= 1;
    return { status: isRefused ? 503 : 200 };
  });
  return openCounts;
}

async function publish(count: number): Promise<void> {
  const { userErrors } = await setup.api.publishEvents(
    Array.from({ length: count }, (_, number) => ({ type: 'invoice.paid', data: { number } })),
  );
  expect(userErrors).toEqual([]);
}

/** Resolves once so many deliveries of an endpoint are in one of these statuses. */
async function reach(endpointId: string, statuses: string[], count: number): Promise<void> {
  const filter = { endpointIds: [endpointId], statuses };
  const look = async () => (await setup.api.page('deliveries', { first: 1, filter })).totalCount === count;
  await eventually(`${count} deliveries ${statuses.join(' or ')}`, look, PATIENCE_MS);
}

it('spares a receiver that can take few at once, and delivers everything', async () => {
  const { api, receiver } = setup;
  const openCounts = answerWithinCapacity();
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });

  await publish(1_000);

  await reach(id, ['SUCCEEDED', 'FAILED'], 1_000);
  await reach(id, ['FAILED'], 0);
  // As fast as slots allow, it would be thousands.
  expect(openCounts.length).toBeLessThan(2_000);
  await api.deleteEndpoint(id);
}, 90_000);

/** Publishes what a receiver refuses, so that all of it is due again within a second. */
async function publishInVain(): Promise<string> {
  setup.receiver.answer({ status: 503 });
  const retryScheduleSeconds = Array(20).fill(1);
  const { id } = await setup.api.createEndpoint({ url: setup.receiver.url, allEvents: true, retryScheduleSeconds });
  await publish(200);
  await reach(id, ['RETRYING'], 200);
  return id;
}

async function expectFewAtOnce(id: string, openCounts: readonly number[]): Promise<void> {
  await reach(id, ['SUCCEEDED'], 200);
  // One at first, another with every fourth success: however busy the machine is, there cannot be more.
  expect(openCounts.filter((openCount, index) => openCount > 2 + index / 4)).toEqual([]);
  expect(Math.max(...openCounts)).toBeGreaterThan(3);
  await setup.api.deleteEndpoint(id);
}

it('meets a receiver that was failing with few retries at once, and with more as they succeed', async () => {
  const id = await publishInVain();
  await expectFewAtOnce(id, answerWithinCapacity());
}, 90_000);

it('meets it in the same way with what was held', async () => {
  const id = await publishInVain();
  await setup.api.disableEndpoint(id);
  await reach(id, ['HELD'], 200);
  const openCounts = answerWithinCapacity();
  await setup.api.enableEndpoint(id);
  await expectFewAtOnce(id, openCounts);
}, 90_000);
