import { expect, it } from '@jest/globals';
import { OverloadError } from '../../../src/storage/database.js';
import { GroupCommit } from '../../../src/storage/group-commit.js';

/** A commit that takes as long as the test says. */
function setUp({ maxWeight = 10, maxWaitingSize = 100, fails = (_: readonly string[]): boolean => false } = {}) {
  const groups: string[][] = [];
  const gates: (() => void)[] = [];
  const group = new GroupCommit<string, string>({
    async commit(calls) {
      groups.push([...calls]);
      await new Promise<void>((resolve) => gates.push(resolve));
      if (fails(calls)) throw new Error(`failed: ${calls.join()}`);
      return calls.map((call) => `${call} done`);
    },
    weightOf: (call) => call.length,
    maxWeight,
    sizeOf: (call) => call.length,
    maxWaitingSize,
    maxConcurrent: 1,
    isEverybodys: (error) => (error as Error).message.includes('away'),
  });
  const open = async (count: number) => {
    for (let opened = 0; opened < count; opened += 1) {
      while (gates.length === 0) await Promise.resolve();
      gates.shift()!();
    }
  };
  return { group, groups, open };
}

it('lets calls that come during a commit share the next', async () => {
  const { group, groups, open } = setUp();
  const results = ['a', 'b', 'c'].map((call) => group.submit(call));
  await open(2);
  expect(await Promise.all(results)).toEqual(['a done', 'b done', 'c done']);
  expect(groups).toEqual([['a'], ['b', 'c']]);
});

it('answers nobody before their commit', async () => {
  const { group, open } = setUp();
  const answered: string[] = [];
  const first = group.submit('a').then(() => answered.push('a'));
  const second = group.submit('b').then(() => answered.push('b'));
  await open(1);
  await first;
  expect(answered).toEqual(['a']);
  await open(1);
  await second;
});

it('keeps groups to their weight, and lets what is heavier go alone', async () => {
  const { group, groups, open } = setUp({ maxWeight: 4 });
  const results = ['a', 'bb', 'cc', 'ddddd', 'e'].map((call) => group.submit(call));
  await open(4);
  await Promise.all(results);
  expect(groups).toEqual([['a'], ['bb', 'cc'], ['ddddd'], ['e']]);
});

it('fails a whole group at once through what would meet each of its calls', async () => {
  const { group, groups, open } = setUp({ fails: (calls) => calls.includes('away') });
  const results = ['a', 'b', 'away'].map((call) => group.submit(call));
  await open(2);
  expect((await Promise.allSettled(results)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
  ]);
  expect(groups).toEqual([['a'], ['b', 'away']]);
});

it('tries the calls of a failed group one by one, so that only the one at fault fails', async () => {
  const { group, open } = setUp({ fails: (calls) => calls.includes('bad') });
  const results = ['a', 'b', 'bad', 'c'].map((call) => group.submit(call));
  await open(5);
  expect(await Promise.allSettled(results)).toEqual([
    { status: 'fulfilled', value: 'a done' },
    { status: 'fulfilled', value: 'b done' },
    { status: 'rejected', reason: new Error('failed: bad') },
    { status: 'fulfilled', value: 'c done' },
  ]);
});

it('refuses calls once far too much is waiting, and takes them again when it is written', async () => {
  const { group, groups, open } = setUp({ maxWaitingSize: 4 });
  const first = group.submit('a');
  const waiting = [group.submit('bb'), group.submit('cc')];

  await expect(group.submit('d')).rejects.toThrow(OverloadError);

  await open(2);
  expect(await Promise.all([first, ...waiting])).toEqual(['a done', 'bb done', 'cc done']);
  const late = group.submit('d');
  await open(1);
  expect(await late).toBe('d done');
  expect(groups).toEqual([['a'], ['bb', 'cc'], ['d']]);
});
