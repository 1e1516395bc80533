import { expect, it } from '@jest/globals';
import { Turns } from '../../../src/api/turns.js';

/** Work that ends when it is told to. */
function setUp(limits = { atWork: 2, waitingPerOwner: 2 }) {
  const turns = new Turns(limits);
  const started: string[] = [];
  const endings = new Map<string, () => void>();
  const take = (owner: string, name: string) =>
    turns.take(owner, async () => {
      started.push(name);
      await new Promise<void>((end) => endings.set(name, end));
      return name;
    });
  const end = async (name: string) => {
    endings.get(name)!();
    await new Promise(setImmediate);
  };
  return { take, started, end };
}

it('does one piece of work per owner at a time, and few of all owners, in the order in which they came', async () => {
  const { take, started, end } = setUp();
  const works = [take('a', 'a1'), take('a', 'a2'), take('b', 'b1'), take('c', 'c1')];
  await new Promise(setImmediate);
  expect(started).toEqual(['a1', 'b1']);

  await end('b1');
  expect(started).toEqual(['a1', 'b1', 'c1']);
  await end('a1');
  expect(started).toEqual(['a1', 'b1', 'c1', 'a2']);
  await end('a2');
  await end('c1');
  expect(await Promise.all(works)).toEqual(['a1', 'a2', 'b1', 'c1']);
});

it('refuses an owner with too much waiting, and takes its work again later', async () => {
  const { take, end } = setUp();
  const works = ['a1', 'a2', 'a3'].map((name) => take('a', name));
  await new Promise(setImmediate);

  expect(take('a', 'a4')).toBeNull();

  for (const name of ['a1', 'a2', 'a3']) await end(name);
  expect(await Promise.all(works)).toEqual(['a1', 'a2', 'a3']);
  const late = take('a', 'a5');
  await new Promise(setImmediate);
  await end('a5');
  expect(await late).toBe('a5');
});

it('goes on after work that fails', async () => {
  const turns = new Turns({ atWork: 1, waitingPerOwner: 5 });
  const failing = turns.take('a', async () => {
    throw new Error('no');
  });
  const next = turns.take('b', async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
