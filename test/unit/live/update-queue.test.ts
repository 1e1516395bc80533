import { expect, it } from '@jest/globals';
import { UpdateQueue } from '../../../src/live/update-queue.js';

function takeAll(queue: UpdateQueue<string>): string[] {
  const taken: string[] = [];
  for (let next = queue.take(); next; next = queue.take()) {
    taken.push(`${next.kind === 'value' ? next.entry.value : next.kind} ${next.cursor}`);
  }
  return taken;
}

it('gives what was pushed in its order; only the last of a stretch has the cursor behind it', () => {
  const queue = new UpdateQueue<string>();
  queue.push('a', { value: 'a1', since: '1:1:' });
  queue.push('b', { value: 'b1', since: '1:1:' });
  queue.advance('2:2:');
  queue.push('c', { value: 'c1', since: '2:2:' });
  queue.advance('3:3:');

  expect(takeAll(queue)).toEqual(['a1 1:1:', 'b1 2:2:', 'c1 3:3:']);
});

it('keeps the latest of each, in the place of its last change', () => {
  const queue = new UpdateQueue<string>();
  queue.push('a', { value: 'a1', since: '1:1:' });
  queue.push('b', { value: 'b1', since: '1:1:' });
  queue.advance('2:2:');
  queue.push('a', { value: 'a2', since: '2:2:' });
  queue.advance('3:3:');

  expect(takeAll(queue)).toEqual(['b1 2:2:', 'a2 3:3:']);
});

it('moves the cursor on over stretches that bring nothing', () => {
  const queue = new UpdateQueue<string>();
  queue.push('a', { value: 'a1', since: '1:1:' });
  queue.advance('2:2:');
  queue.advance('9:9:');

  expect(takeAll(queue)).toEqual(['a1 9:9:']);
});

it('tells that something is lost in the place of what it kept, and goes on after it', () => {
  const queue = new UpdateQueue<string>();
  for (const id of ['a', 'b', 'c']) queue.push(id, { value: id, since: '1:1:' });
  queue.overrun();
  queue.advance('2:2:');

  expect(queue.size).toBe(0);
  expect(takeAll(queue)).toEqual(['resync 2:2:']);
  queue.push('e', { value: 'e1', since: '2:2:' });
  queue.advance('3:3:');
  expect(takeAll(queue)).toEqual(['e1 3:3:']);
});

it('forgets what is no longer wanted', () => {
  const queue = new UpdateQueue<string>();
  queue.push('a', { value: 'a1', since: '1:1:' });
  queue.drop('a');
  queue.advance('2:2:');

  expect(takeAll(queue)).toEqual([]);
});
