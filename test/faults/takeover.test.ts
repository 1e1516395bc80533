import { rm } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Fleet, startFleet } from '../support/faults/fleet.js';
import { type ReceivedRequest, type Receiver, startReceiver } from '../support/receiver.js';
import { testEnvironment, writeCa } from '../support/service.js';

/** What a killed dispatcher had in hand is sent again by another within so long. */
const TAKEN_OVER_WITHIN_MS = 16_000;

/** Longer than a lease, and than it takes others to look whether one has run out. */
const SLOW_MS = 18_000;

interface Setup extends AsyncDisposable {
  fleet: Fleet;
  receiver: Receiver;
}

async function setUp(env: Record<string, string>): Promise<Setup> {
  const opened = new AsyncDisposableStack();
  try {
    const receiver = opened.adopt(await startReceiver(), (one) => one.close());
    const database = opened.adopt(await createDatabase(), (one) => one.drop());
    const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
    const environment = { ...testEnvironment(database.url), WEBHOOK_CA_FILE: caFile, ...env };
    const fleet = opened.use(await startFleet({ apis: 1, dispatchers: 5 }, environment));
    const closing = opened.move();
    return { fleet, receiver, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  } finally {
    await opened.disposeAsync();
  }
}

/** A receiver sees within so long that a dispatcher is gone. */
const SEEN_WITHIN_MS = 1_000;

const ENDPOINT_COUNT = 10;
const EVENT_COUNT = 20;

it('takes over what a killed dispatcher had in flight, and sends nothing again that is merely slow', async () => {
  await using setup = await setUp({ ATTEMPT_TIMEOUT: '30s' });
  const { fleet, receiver } = setup;
  const { api } = fleet.apis[0]!;
  const total = ENDPOINT_COUNT * EVENT_COUNT;
  const cutOff: { id: string; at: number }[] = [];
  receiver.answer((request, response) => {
    const isRepeat = receiver.requests.filter((other) => idOf(other) === idOf(request)).length > 1;
    response.once('close', () => {
      if (!response.writableFinished) cutOff.push({ id: idOf(request), at: Date.now() });
    });
    return { status: 200, delayMs: isRepeat ? 0 : SLOW_MS };
  });
  for (let number = 0; number < ENDPOINT_COUNT; number += 1) {
    await api.createEndpoint({ url: `${receiver.url}/${number}`, allEvents: true });
  }
  await Promise.all(Array.from({ length: EVENT_COUNT }, () => api.publishEvent('invoice.paid')));
  await receiver.receive(total, { timeoutMs: 20_000 });

  // The work falls to whoever is quickest: one may have none.
  for (const dispatcher of fleet.dispatchers) {
    await dispatcher.stop('SIGKILL');
    const isCutOff = eventually('cut off', async () => cutOff.length > 0, SEEN_WITHIN_MS).catch(() => false);
    if (await isCutOff) break;
  }
  const killedAt = cutOff[0]!.at;
  await eventually('all delivered', async () => (await api.deliveries({ statuses: ['PENDING'] })).length === 0, 60_000);

  const repeats = receiver.requests.slice(total);
  expect(new Set(repeats.map(idOf))).toEqual(new Set(cutOff.map(({ id }) => id)));
  expect(repeats).toHaveLength(cutOff.length);
  const waitsMs = repeats.map(({ receivedAt }) => receivedAt.getTime() - killedAt);
  process.stdout.write(
    `  taken over: ${repeats.length} of ${total}, after ${Math.min(...waitsMs)} to ${Math.max(...waitsMs)} ms\n`,
  );
  expect(Math.max(...waitsMs)).toBeLessThan(TAKEN_OVER_WITHIN_MS);
  const { nodes } = await api.page<{ status: string; attemptCount: number }>(
    'deliveries',
    { first: 100 },
    'status attemptCount',
  );
  expect(new Set(nodes.map(({ status, attemptCount }) => `${status} ${attemptCount}`))).toEqual(
    new Set(['SUCCEEDED 1']),
  );
}, 120_000);

it('sends nothing twice with five dispatchers under load', async () => {
  await using setup = await setUp({});
  const { fleet, receiver } = setup;
  const { api } = fleet.apis[0]!;
  for (let number = 0; number < ENDPOINT_COUNT; number += 1) {
    await api.createEndpoint({ url: `${receiver.url}/${number}`, allEvents: true });
  }
  const batches = 6;
  const size = 100;
  for (let batch = 0; batch < batches; batch += 1) {
    await api.publishEvents(Array.from({ length: size }, () => ({ type: 'invoice.paid', data: { batch } })));
  }
  const total = batches * size * ENDPOINT_COUNT;
  await receiver.receive(total, { timeoutMs: 60_000 });
  await eventually('all on record', async () => (await api.deliveries({ statuses: ['PENDING'] })).length === 0, 30_000);

  expect(receiver.requests).toHaveLength(total);
  expect(new Set(receiver.requests.map(idOf)).size).toBe(total);
}, 120_000);

function idOf({ headers }: ReceivedRequest): string {
  return String(headers['x-revkeen-delivery']);
}
