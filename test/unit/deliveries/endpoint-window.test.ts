import { expect, it } from '@jest/globals';
import { EndpointWindow } from '../../../src/deliveries/endpoint-window.js';

const ONE = { accountId: 'a', endpointId: '1' };
const TWO = { accountId: 'a', endpointId: '2' };

it('admits until it is full, each endpoint for itself', () => {
  const window = new EndpointWindow(10);
  expect(window.admit(ONE, 7)).toBe(7);
  expect(window.admit(ONE, 7)).toBe(3);
  expect(window.admit(TWO, 10)).toBe(10);
});

it('admits nobody past those who wait, so that the oldest go first', () => {
  const window = new EndpointWindow(10);
  window.admit(ONE, 11);
  window.release(ONE, 10);
  expect(window.isWaiting(ONE)).toBe(true);
  expect(window.admit(ONE, 1)).toBe(0);
  window.markDrained(ONE);
  expect(window.admit(ONE, 1)).toBe(1);
});

it('makes room as jobs leave', () => {
  const window = new EndpointWindow(2);
  window.admit(ONE, 2);
  window.release(ONE, 1);
  expect(window.admit(ONE, 1)).toBe(1);
  expect(window.isWaiting(ONE)).toBe(false);
});

it('learns the true counts and who is waiting from the database', async () => {
  const window = new EndpointWindow(10);
  window.admit(ONE, 10);
  const answers = [
    [{ endpointId: '1', count: 4 }],
    [
      { ...TWO, queued: 3 },
      { accountId: 'a', endpointId: '3', queued: 10 },
    ],
  ];
  const rooms = await window.observe({ query: async () => answers.shift() as never }, new Date());
  expect(rooms).toEqual([{ ...TWO, room: 7 }]);
  expect(window.admit(ONE, 10)).toBe(6);
  expect(window.admit(TWO, 1)).toBe(0);
});

it('queues no more for an endpoint with a rate limit than it gets in a few seconds', () => {
  const window = new EndpointWindow(100);
  expect(window.admit(ONE, 100, 2)).toBe(10);
  expect(window.sizeFor(1_000)).toBe(100);
  expect(window.sizeFor(null)).toBe(100);
});

it('looks again before a window that only seems to fill up is full', async () => {
  const window = new EndpointWindow(10);
  window.admit(ONE, 5);
  window.admit(TWO, 2);
  const askedFor: unknown[] = [];
  const db = {
    query: async <Row>(_statement: unknown, values?: readonly unknown[]): Promise<Row[]> => {
      askedFor.push(values?.[1]);
      return [];
    },
  };
  await window.recountFull(db, new Date());

  expect(askedFor).toEqual([['1']]);
  expect(window.admit(ONE, 10)).toBe(10);
  expect(window.admit(TWO, 10)).toBe(8);
});
