import { describe, expect, it } from '@jest/globals';
import type { Entry } from '../../../src/dispatch/endpoint-line.js';
import { LineUp } from '../../../src/dispatch/line-up.js';
import type { Outcome } from '../../../src/dispatch/outcome.js';
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

describe('a test event', () => {
  const testsOf = (endpointId: string, number: number) =>
    jobsOf(endpointId, number).map((job) => ({ ...job, isTest: true }));

  it('waits for no slot, of its endpoint or of others; the next one waits for it', () => {
    const lineUp = new LineUp({ slots: 1, slotsPerEndpoint: 1 });
    const [slow] = admit(lineUp, Lane.Fresh, jobsOf('slow', 3));
    expect(idsOf(lineUp.take())).toEqual([slow!.id]);
    const tests = admit(lineUp, Lane.Fresh, testsOf('slow', 2));

    const [first] = lineUp.take();
    expect(first!.job.id).toBe(tests[0]!.id);
    expect(lineUp.take()).toEqual([]);
    expect(lineUp.runningCount).toBe(2);
    const others = admit(lineUp, Lane.Fresh, [...testsOf('other', 2), ...jobsOf('other', 1)]);
    expect(idsOf(lineUp.take())).toEqual([others[0]!.id]);
    lineUp.finish(first!);
    expect(idsOf(lineUp.take())).toEqual([tests[1]!.id]);
  });

  it('takes no slot from what comes after it', () => {
    const lineUp = new LineUp({ slots: 2, slotsPerEndpoint: 1 });
    const [first] = admit(lineUp, Lane.Fresh, jobsOf('slow', 1));
    const [test] = admit(lineUp, Lane.Fresh, testsOf('slow', 1));
    expect(idsOf(lineUp.take())).toEqual([test!.id, first!.id]);
    const [other] = admit(lineUp, Lane.Fresh, jobsOf('other', 1));
    expect(idsOf(lineUp.take())).toEqual([other!.id]);
  });

  it('waits while its endpoint is paused, wherever it has come, and is handed over like any other', () => {
    const lineUp = new LineUp({ slots: 1, slotsPerEndpoint: 1 });
    const [slow] = admit(lineUp, Lane.Fresh, jobsOf('limited', 1));
    const [test] = admit(lineUp, Lane.Fresh, testsOf('limited', 1));
    lineUp.pause('limited');
    expect(lineUp.take()).toEqual([]);
    lineUp.resume('limited', 2);
    expect(idsOf(lineUp.take()).sort()).toEqual([slow!.id, test!.id].sort());
    const unstarted = admit(lineUp, Lane.Fresh, testsOf('limited', 2));
    expect(lineUp.clear().map(({ id }) => id)).toEqual(unstarted.map(({ id }) => id));
  });
});

describe('an endpoint that fails', () => {
  const outcomeOf = (statusCode: number): Outcome => ({
    kind: 'response',
    statusCode,
    headers: [],
    body: '',
    bodyTruncated: false,
    responseTimeMs: 1,
  });

  /** A line-up in which so many attempts to an endpoint have failed, with more jobs for it than may start. */
  function setUp({ slots, waiting }: { slots: number; waiting: number }) {
    const lineUp = new LineUp({ slots, slotsPerEndpoint: slots });
    admit(lineUp, Lane.Fresh, jobsOf('failing', 64));
    for (const entry of lineUp.take()) lineUp.finish(entry, outcomeOf(503));
    admit(lineUp, Lane.Bulk, jobsOf('failing', waiting));
    return lineUp;
  }

  it('has few in flight, and more as they succeed; others have what they had', () => {
    const lineUp = setUp({ slots: 128, waiting: 100 });
    for (let rest = lineUp.take(); rest.length > 1; rest = lineUp.take()) {
      for (const entry of rest) lineUp.finish(entry, outcomeOf(503));
    }
    const other = admit(lineUp, Lane.Fresh, jobsOf('well', 10));
    expect(idsOf(lineUp.take())).toEqual(other.map(({ id }) => id));
  });

  it('does not keep a lane from being claimed, and has few places where many such jobs wait', () => {
    const lineUp = setUp({ slots: 64, waiting: 10_000 });
    expect(lineUp.room(Lane.Bulk)).toBeGreaterThan(0);
    const job = jobsOf('failing', 1)[0]!;
    expect(lineUp.admit(job, Lane.Bulk)).toBe(false);
    expect(lineUp.admit(job, Lane.Fresh)).toBe(true);
    expect(lineUp.admit(jobs(1)[0]!, Lane.Bulk)).toBe(true);
  });

  it('is told apart from one whose test events fail', () => {
    const lineUp = new LineUp({ slots: 128, slotsPerEndpoint: 64 });
    for (const job of jobsOf('tested', 64)) {
      lineUp.admit({ ...job, isTest: true }, Lane.Fresh);
      for (const entry of lineUp.take()) lineUp.finish(entry, outcomeOf(503));
    }
    admit(lineUp, Lane.Bulk, jobsOf('tested', 100));
    expect(lineUp.take().length).toBeGreaterThan(40);
  });
});

describe('an endpoint with a rate limit', () => {
  /** A line-up with jobs of an endpoint that turned out to have a limit: one was taken, and all others are parked. */
  function setUp({ fresh = 0, bulk = 0, slots = 10 }) {
    const lineUp = new LineUp({ slots, slotsPerEndpoint: 1 });
    const claimed = [
      ...admit(lineUp, Lane.Fresh, jobsOf('limited', fresh)),
      ...admit(lineUp, Lane.Bulk, jobsOf('limited', bulk)),
    ].map(({ id }) => id);
    const [first] = lineUp.take();
    lineUp.pause('limited');
    return { lineUp, claimed, first: first! };
  }

  it('gives its slot back while it waits, and keeps its place', () => {
    const { lineUp, claimed, first } = setUp({ bulk: 3, slots: 1 });
    const others = admit(lineUp, Lane.Bulk, jobs(1));
    lineUp.stepBack(first);
    const [other] = lineUp.take();
    expect(other!.job.id).toBe(others[0]!.id);
    lineUp.finish(other!);
    expect(lineUp.take()).toEqual([]);
    lineUp.resume('limited', 1);
    expect(idsOf(lineUp.take())).toEqual([claimed[0]]);
  });

  it('does not let more step forward than it is resumed for', () => {
    const lineUp = new LineUp({ slots: 100, slotsPerEndpoint: 100 });
    const claimed = admit(lineUp, Lane.Bulk, jobsOf('limited', 20));
    const started = lineUp.take();
    lineUp.pause('limited');
    for (const entry of started) lineUp.stepBack(entry);
    lineUp.resume('limited', 3);
    const resumed = lineUp.take();
    expect(idsOf(resumed)).toEqual(claimed.slice(0, 3).map(({ id }) => id));
    for (const entry of resumed) lineUp.finish(entry);
    expect(lineUp.take()).toEqual([]);
  });

  it('takes back what stepped forward before it was paused', () => {
    const lineUp = new LineUp({ slots: 4, slotsPerEndpoint: 4 });
    const claimed = admit(lineUp, Lane.Fresh, jobsOf('limited', 4)).map(({ id }) => id);
    lineUp.pause('limited');
    expect(lineUp.take()).toEqual([]);
    lineUp.resume('limited');
    expect(idsOf(lineUp.take())).toEqual(claimed.slice(0, 2));
  });

  it('goes from the oldest to the newest, what is fresh first', () => {
    const { lineUp, claimed, first } = setUp({ fresh: 2, bulk: 2 });
    const later = admit(lineUp, Lane.Fresh, jobsOf('limited', 1))[0]!.id;
    lineUp.stepBack(first);
    const started: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      lineUp.resume('limited', 1);
      const [next] = lineUp.take();
      started.push(next!.job.id);
      lineUp.pause('limited');
      lineUp.finish(next!);
    }
    expect(started).toEqual([claimed[0], claimed[1], later, claimed[2], claimed[3]]);
  });

  it('shows the latest fresh jobs once before their turn, so that an urgent one can pass the others', () => {
    const lineUp = new LineUp({ slots: 100, slotsPerEndpoint: 100 });
    const claimed = admit(lineUp, Lane.Fresh, jobsOf('limited', 20)).map(({ id }) => id);
    lineUp.pause('limited');
    lineUp.resume('limited', 1);
    const seen = lineUp.take();
    expect(idsOf(seen)).toEqual([claimed[0], ...claimed.slice(10).toReversed()]);
    const latest = seen.find(({ job }) => job.id === claimed[19])!;
    latest.turn = 'urgent';
    lineUp.pause('limited');
    for (const entry of seen) lineUp.stepBack(entry);

    lineUp.resume('limited', 2);

    // Those in the middle are shown now; nobody is shown twice.
    expect(idsOf(lineUp.take())).toEqual([claimed[19], claimed[0], ...claimed.slice(1, 10).toReversed()]);
  });

  it('goes on like any other without its limit', () => {
    const { lineUp, claimed, first } = setUp({ fresh: 3 });
    lineUp.stepBack(first);
    lineUp.resume('limited');
    const started: string[] = [];
    for (let batch = lineUp.take(); batch.length > 0; batch = lineUp.take()) {
      started.push(...idsOf(batch));
      for (const entry of batch) lineUp.finish(entry);
    }
    expect(started).toEqual(claimed);
  });

  it('stays paused after its last job, and is forgotten once it is resumed', () => {
    const { lineUp, first } = setUp({ fresh: 1 });
    lineUp.finish(first);
    const [next] = admit(lineUp, Lane.Fresh, jobsOf('limited', 1));
    expect(lineUp.take()).toEqual([]);
    lineUp.resume('limited', 1);
    const [started] = lineUp.take();
    expect(started!.job.id).toBe(next!.id);
    lineUp.finish(started!);
    const [unhindered] = admit(lineUp, Lane.Fresh, jobsOf('limited', 1));
    expect(idsOf(lineUp.take())).toEqual([unhindered!.id]);
  });

  it('does not keep a lane from being claimed, and has few places where many such jobs wait', () => {
    const { lineUp } = setUp({ bulk: 10_000 });
    expect(lineUp.room(Lane.Bulk)).toBeGreaterThan(0);
    const job = jobsOf('limited', 1)[0]!;
    expect(lineUp.admit(job, Lane.Bulk)).toBe(false);
    expect(lineUp.admit(job, Lane.Fresh)).toBe(true);
    expect(lineUp.admit(jobs(1)[0]!, Lane.Bulk)).toBe(true);
  });

  it('hands over what is paused, too', () => {
    const { lineUp, claimed, first } = setUp({ fresh: 2, bulk: 2 });
    lineUp.stepBack(first);
    expect(lineUp.clear().map(({ id }) => id)).toEqual(claimed);
    lineUp.resume('limited');
    expect(lineUp.take()).toEqual([]);
    expect(lineUp.runningCount).toBe(0);
  });
});
