import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Member, startFleet } from '../support/faults/fleet.js';
import { Follower } from '../support/faults/follower.js';
import { RawSocket } from '../support/live.js';
import { startReceiver } from '../support/receiver.js';
import { testEnvironment, writeCa } from '../support/service.js';

const SLOW_COUNT = 60;
const HOSTILE_COUNT = 10;
/** As many as a socket may have; the rest is refused. */
const SUBSCRIPTIONS_EACH = 100;
const ROUNDS = 5;
const EVENT_COUNT = 250;

/** What a socket with one subscription that does not read may cost the API process, at most. */
const MAX_BYTES_EACH = 4 * 1_048_576;
/** What each of many subscriptions on one socket may cost. */
const MAX_BYTES_OF_MANY = 768 * 1_024;

const ALL = 'subscription { deliveryUpdated { kind cursor delivery { id status version event { body } } } }';

it('bounds what subscribers cost that do not read, or ask for ever more, and nobody else waits for them', async () => {
  await using opened = new AsyncDisposableStack();
  const receiver = opened.adopt(await startReceiver(), (one) => one.close());
  const database = opened.adopt(await createDatabase(), (one) => one.drop());
  const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
  const env = { ...testEnvironment(database.url), WEBHOOK_CA_FILE: caFile, LOG_LEVEL: 'silent' };
  const fleet = opened.use(await startFleet({ apis: 1, dispatchers: 1 }, env));
  const [member] = fleet.apis;
  const { api } = member!;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const data = { text: 'x'.repeat(2_000) };
  const follower = opened.use(new Follower('follower', () => api));
  await follower.ready;
  const roundMs: number[] = [];
  let published = 0;
  const publishAndSee = async () => {
    const startedAt = performance.now();
    await api.publishEvents(Array.from({ length: EVENT_COUNT }, () => ({ type: 'invoice.paid', data })));
    published += EVENT_COUNT;
    const isTold = async () =>
      [...follower.told.values()].filter(({ status }) => status === 'SUCCEEDED').length === published;
    await eventually('all told to whoever reads', isTold, 60_000);
    roundMs.push(Math.round(performance.now() - startedAt));
  };
  /** The most memory that the process has taken while so many rounds went by, and how long one of them took. */
  const watch = async () => {
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await publishAndSee();
      bytes = Math.max(bytes, residentBytes(member!));
    }
    return { bytes, tookMs: median(roundMs.splice(0)) };
  };
  const undisturbed = await watch();

  const slow = await connect(api, SLOW_COUNT, opened);
  for (const socket of slow) {
    socket.subscribe('all', ALL);
    await socket.messages.until(({ type }) => type === 'next');
    socket.socket.pause();
  }
  const besideSlow = await watch();

  for (const socket of await connect(api, HOSTILE_COUNT, opened)) {
    socket.socket.pause();
    for (let number = 0; number < 2_000; number += 1) socket.send({ type: 'ping', payload: { number } });
    for (let number = 0; number < 2 * SUBSCRIPTIONS_EACH; number += 1) socket.subscribe(`${number}`, ALL);
  }
  const besideHostile = await watch();

  const slowBytes = (besideSlow.bytes - undisturbed.bytes) / SLOW_COUNT;
  const hostileBytes = (besideHostile.bytes - besideSlow.bytes) / (HOSTILE_COUNT * SUBSCRIPTIONS_EACH);
  process.stdout.write(
    `  subscribers that do not read: ${toKiB(slowBytes)} each of ${SLOW_COUNT}, then ${toKiB(hostileBytes)} each of ` +
      `${HOSTILE_COUNT * SUBSCRIPTIONS_EACH} on ${HOSTILE_COUNT} sockets; ${EVENT_COUNT} events published, delivered and ` +
      `told in ${undisturbed.tookMs} ms, beside the first in ${besideSlow.tookMs} ms, beside all in ${besideHostile.tookMs} ms\n`,
  );
  expect(slowBytes).toBeLessThan(MAX_BYTES_EACH);
  expect(hostileBytes).toBeLessThan(MAX_BYTES_OF_MANY);
  expect(follower.wrong).toEqual([]);
  expect(follower.connectionCount).toBe(1);
}, 180_000);

async function connect(api: ApiClient, count: number, opened: AsyncDisposableStack): Promise<RawSocket[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => RawSocket.connect(api)));
  for (const socket of sockets) opened.use(socket);
  return sockets;
}

function toKiB(bytes: number): string {
  return `${Math.round(bytes / 1_024)} KiB`;
}

function residentBytes({ pid }: Member): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1_024;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
