import { expect, it } from '@jest/globals';
import { Signal } from '../../src/signal.js';

it('wakes who waits', async () => {
  const signal = new Signal();
  const waiting = signal.wait();
  signal.announce();
  await expect(waiting).resolves.toBeUndefined();
});

it('remembers one announcement that nobody was waiting for, and only one', async () => {
  const signal = new Signal();
  signal.announce();
  signal.announce();
  await signal.wait();
  let woken = false;
  const waiting = signal.wait().then(() => {
    woken = true;
  });
  await Promise.resolve();
  expect(woken).toBe(false);
  signal.announce();
  await waiting;
});

it('stops waiting when the time is up', async () => {
  await expect(new Signal().wait(1)).resolves.toBeUndefined();
});
