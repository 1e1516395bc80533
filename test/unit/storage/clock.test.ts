import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { DatabaseClock } from '../../../src/storage/clock.js';
import type { Executor } from '../../../src/storage/database.js';

const HOUR_MS = 3_600_000;
const SLACK_MS = 50;

let database: Executor & { aheadMs: number };

beforeEach(() => {
  const startedAt = Date.now() - performance.now();
  database = {
    aheadMs: 0,
    async query() {
      return [{ now: `${startedAt + performance.now() + this.aheadMs}` }] as never;
    },
  };
});

afterEach(() => {
  jest.restoreAllMocks();
});

it("tells this machine's time while that is about the database's", async () => {
  const clock = new DatabaseClock();
  database.aheadMs = 100;
  expect(await clock.follow(database)).toBe(0);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(SLACK_MS);
});

it.each([HOUR_MS, -HOUR_MS])('goes by the database when that is %i ms ahead', async (aheadMs) => {
  const clock = new DatabaseClock();
  database.aheadMs = aheadMs;
  expect(Math.abs((await clock.follow(database)) - aheadMs)).toBeLessThan(SLACK_MS);
  expect(Math.abs(clock.now() - Date.now() - aheadMs)).toBeLessThan(SLACK_MS);
  expect(await clock.follow(database)).toBe(0);
});

it("does not follow this machine's clock when that is set", async () => {
  const clock = new DatabaseClock();
  await clock.follow(database);
  const before = clock.now();
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + HOUR_MS);
  expect(clock.now() - before).toBeLessThan(SLACK_MS);
});
