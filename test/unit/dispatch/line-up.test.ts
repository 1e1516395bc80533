import { expect, it } from '@jest/globals';
import { type Entry, LineUp } from '../../../src/dispatch/line-up.js';
import { type ClaimedJob, Lane } from '../../../src/storage/queue.js';

let count = 0;

/** Jobs of as many endpoints. */
function jobs(number: number): ClaimedJob[] {
  return Array.from({ length: number }, () => {
    count += 1;
    return { id: `job ${count}`, retryCount: 0, accountId: 'a', deliveryId: `d ${count}`, endpointId: `own ${count}` };
  });
}

/** Jobs of one endpoint. */
function jobsOf(endpointId: string, number: number): ClaimedJob[] {
  return jobs(number).map((job) => ({ ...job, endpointId }));
}

function admit(lineUp: LineUp, lane: Lane, claimed: ClaimedJob[]): ClaimedJob[] {
  for (const job of claimed) lineUp.admit(job, lane);
  return claimed;
}

const idsOf = (entries: readonly Entry[]) => entries.map(({ job }) => job.id);

it('starts as many as there are slots, in the order of the claims', () => {
  const lineUp = new LineUp({ slots: 3, slotsPerEndpoint: 10 });
  const claimed = admit(lineUp, Lane.Fresh, jobs(5));
  const started = lineUp.take();
  expect(idsOf(started)).toEqual(claimed.slice(0, 3).map(({ id }) => id));
  expect(lineUp.take()).toEqual([]);
  lineUp.finish(started[1]!);
  expect(idsOf(lineUp.take())).toEqual([claimed[3]!.id]);
});

it('lets others pass an endpoint that is at its limit', () => {
  const lineUp = new LineUp({ slots: 10, slotsPerEndpoint: 2 });
  const slow = admit(lineUp, Lane.Fresh, jobsOf('slow', 5));
  const healthy = admit(lineUp, Lane.Fresh, jobsOf('healthy', 2));
  const started = lineUp.take();
  expect(idsOf(started)).toEqual([slow[0]!.id, slow[1]!.id, healthy[0]!.id, healthy[1]!.id]);
  lineUp.finish(started[0]!);
  expect(idsOf(lineUp.take())).toEqual([slow[2]!.id]);
});

it('has a slot for the next endpoint, however many hang', () => {
  const lineUp = new LineUp({ slots: 192, slotsPerEndpoint: 64 });
  for (let endpoint = 1; endpoint <= 10; endpoint += 1) {
    admit(lineUp, Lane.Fresh, jobsOf(`hangs ${endpoint}`, 64));
    lineUp.take();
  }
  const [healthy] = admit(lineUp, Lane.Fresh, jobsOf('healthy', 1));
  expect(idsOf(lineUp.take())).toEqual([healthy!.id]);
});

it('gives an endpoint alone a third of the slots', () => {
  const lineUp = new LineUp({ slots: 192, slotsPerEndpoint: 192 });
  admit(lineUp, Lane.Fresh, jobsOf('alone', 192));
  expect(lineUp.take()).toHaveLength(64);
});

it('goes on with an endpoint as its attempts finish, until all are through', () => {
  const lineUp = new LineUp({ slots: 4, slotsPerEndpoint: 4 });
  const claimed = admit(lineUp, Lane.Fresh, jobsOf('alone', 20));
  const started: Entry[] = [];
  for (let batch = lineUp.take(); batch.length > 0; batch = lineUp.take()) {
    started.push(...batch);
    for (const entry of batch) lineUp.finish(entry);
  }
  expect(idsOf(started)).toEqual(claimed.map(({ id }) => id));
  expect(lineUp.runningCount).toBe(0);
});

it('keeps a quarter of the slots free of backlogs', () => {
  const lineUp = new LineUp({ slots: 8, slotsPerEndpoint: 100 });
  admit(lineUp, Lane.Bulk, jobs(20));
  expect(lineUp.take()).toHaveLength(6);
  const fresh = admit(lineUp, Lane.Fresh, jobs(3));
  expect(idsOf(lineUp.take())).toEqual([fresh[0]!.id, fresh[1]!.id]);
});

it('starts what is fresh before what is older but in bulk', () => {
  const lineUp = new LineUp({ slots: 1, slotsPerEndpoint: 100 });
  admit(lineUp, Lane.Bulk, jobs(1));
  const fresh = admit(lineUp, Lane.Fresh, jobs(1));
  expect(idsOf(lineUp.take())).toEqual([fresh[0]!.id]);
});

it('lets what is fresh pass the parked backlog of its own endpoint', () => {
  const lineUp = new LineUp({ slots: 10, slotsPerEndpoint: 1 });
  admit(lineUp, Lane.Bulk, jobsOf('slow', 5));
  const started = lineUp.take();
  const fresh = admit(lineUp, Lane.Fresh, jobsOf('slow', 1));
  lineUp.finish(started[0]!);
  expect(idsOf(lineUp.take())).toEqual([fresh[0]!.id]);
});

it('asks for more only when there is room for many', () => {
  const lineUp = new LineUp({ slots: 10, slotsPerEndpoint: 100 });
  expect(lineUp.room(Lane.Fresh)).toBe(15);
  admit(lineUp, Lane.Fresh, jobs(13));
  expect(lineUp.room(Lane.Fresh)).toBe(0);
  lineUp.finish(lineUp.take()[0]!);
  expect(lineUp.room(Lane.Fresh)).toBe(3);
});

it('does not count jobs behind their endpoint’s limit against the others', () => {
  const lineUp = new LineUp({ slots: 10, slotsPerEndpoint: 1 });
  admit(lineUp, Lane.Fresh, jobsOf('slow', 100));
  expect(lineUp.room(Lane.Fresh)).toBe(14);
});

it('hands over everything that has not started', () => {
  const lineUp = new LineUp({ slots: 6, slotsPerEndpoint: 2 });
  const claimed = admit(lineUp, Lane.Fresh, jobsOf('1', 5));
  const started = lineUp.take();
  expect(started).toHaveLength(2);
  expect(lineUp.clear().map(({ id }) => id)).toEqual(claimed.slice(2).map(({ id }) => id));
  expect(lineUp.runningCount).toBe(2);
  for (const entry of started) lineUp.finish(entry);
  expect(lineUp.runningCount).toBe(0);
  expect(lineUp.take()).toEqual([]);
});
