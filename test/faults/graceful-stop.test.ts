import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Fleet, startFleet } from '../support/faults/fleet.js';
import { Follower } from '../support/faults/follower.js';
import { type ReceivedRequest, type Receiver, startReceiver } from '../support/receiver.js';
import { testEnvironment, writeCa } from '../support/service.js';

const ATTEMPT_TIMEOUT_MS = 5_000;
const GRACE_MS = 5_000;

/** Answers take so long, at most. */
const SLOWEST_MS = 1_500;

const PUBLISHER_COUNT = 8;
const PAUSE_MS = 20;

interface Setup extends AsyncDisposable {
  fleet: Fleet;
  receiver: Receiver;
}

async function setUp(): Promise<Setup> {
  const opened = new AsyncDisposableStack();
  try {
    const receiver = opened.adopt(await startReceiver(), (one) => one.close());
    const database = opened.adopt(await createDatabase(), (one) => one.drop());
    const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
    const env = {
      ...testEnvironment(database.url),
      WEBHOOK_CA_FILE: caFile,
      ATTEMPT_TIMEOUT: `${ATTEMPT_TIMEOUT_MS}ms`,
    };
    const fleet = opened.use(await startFleet({ apis: 2, dispatchers: 2 }, env));
    const closing = opened.move();
    return { fleet, receiver, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  } finally {
    await opened.disposeAsync();
  }
}

it('restarts every process under load, one after the other: nothing is lost or sent twice, and nobody notices', async () => {
  await using setup = await setUp();
  const { fleet, receiver } = setup;
  const apis = fleet.apis.map(({ api }) => api);
  receiver.answer((_request, _response, count) => ({ status: 200, delayMs: (count * 37) % SLOWEST_MS }));
  for (let number = 0; number < 4; number += 1) {
    await apis[0]!.createEndpoint({ url: `${receiver.url}/${number}`, allEvents: true });
  }
  let connection = 0;
  await using follower = new Follower('follower', () => apis[connection++ % apis.length]!);
  await follower.ready;

  let isOver = false;
  const published: string[] = [];
  const publishers = Array.from({ length: PUBLISHER_COUNT }, async (_, index) => {
    for (let number = 0; !isOver; number += 1) {
      published.push(await publishOrRetryOnce(apis, index, `${index}-${number}`));
      await delay(PAUSE_MS);
    }
  });
  const stops: { name: string; code: number | null; tookMs: number }[] = [];
  for (const member of [...fleet.dispatchers, ...fleet.apis]) {
    await receiver.receive(50, { after: receiver.requests.length, timeoutMs: 20_000 });
    const startedAt = performance.now();
    const code = await member.stop('SIGTERM');
    stops.push({ name: member.name, code, tookMs: Math.round(performance.now() - startedAt) });
    await member.start();
  }
  isOver = true;
  await Promise.all(publishers);

  const total = published.length * 4;
  await receiver.receive(total, { timeoutMs: 60_000 });
  const isRecorded = async () =>
    (await apis[0]!.page('deliveries', { filter: { statuses: ['PENDING'] } })).totalCount === 0;
  await eventually('all on record', isRecorded, 30_000);
  const longestMs = Math.max(...stops.map(({ tookMs }) => tookMs));
  process.stdout.write(
    `  rolling restart: ${published.length} events published, the slowest stop took ${longestMs} ms\n`,
  );
  expect(stops.map(({ name, code }) => `${name} ended with ${code}`)).toEqual(
    [...fleet.dispatchers, ...fleet.apis].map(({ name }) => `${name} ended with 0`),
  );
  expect(longestMs).toBeLessThan(ATTEMPT_TIMEOUT_MS + GRACE_MS);
  expect(new Set(published).size).toBe(published.length);
  expect(receiver.requests).toHaveLength(total);
  expect(new Set(receiver.requests.map(idOf)).size).toBe(total);
  const isTold = async () =>
    [...follower.told.values()].filter(({ status }) => status === 'SUCCEEDED').length === total;
  await eventually('all told', isTold, 30_000);
  expect(follower.wrong).toEqual([]);
}, 180_000);

/** A publisher as one should be: with a key, and once more at the other address if the first does not answer. */
async function publishOrRetryOnce(apis: readonly ApiClient[], index: number, key: string): Promise<string> {
  const input = { type: 'invoice.paid', data: { key }, idempotencyKey: key };
  const [first, second] = index % 2 === 0 ? apis : apis.toReversed();
  const { event } = await first!.tryToPublish(input).catch(() => second!.tryToPublish(input));
  return event!.id;
}

function idOf({ headers }: ReceivedRequest): string {
  return String(headers['x-revkeen-delivery']);
}
