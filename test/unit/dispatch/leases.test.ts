import { expect, it, jest } from '@jest/globals';
import { Leases } from '../../../src/dispatch/leases.js';
import { thisMoment } from '../../../src/dispatch/moment.js';
import type { ClaimedJob, Queue } from '../../../src/storage/queue.js';

const JOB: ClaimedJob = { id: 'job', retryCount: 0, accountId: 'a', deliveryId: 'd', endpointId: 'e' };

/** Leases on a queue that knows which jobs are still held. */
function setUp({ held = [JOB.id] }: { held?: string[] } = {}) {
  const queue = { keepAlive: async () => new Set(held) } as unknown as Queue;
  return new Leases(queue, { query: async () => [] });
}

it('relies on a claim for eight seconds, and for as long again whenever it is renewed', async () => {
  const now = jest.spyOn(performance, 'now').mockReturnValue(0);
  try {
    const leases = setUp();
    leases.add([JOB], thisMoment());
    now.mockReturnValue(7_900);
    expect(leases.isReliable(JOB)).toBe(true);
    await leases.renew();
    now.mockReturnValue(15_800);
    expect(leases.isReliable(JOB)).toBe(true);
    now.mockReturnValue(15_900);
    expect(leases.isReliable(JOB)).toBe(false);
  } finally {
    now.mockRestore();
  }
});

it('does not rely on a claim after the machine was asleep', () => {
  const wall = jest.spyOn(Date, 'now').mockReturnValue(1_000_000);
  try {
    const leases = setUp();
    leases.add([JOB], thisMoment());
    wall.mockReturnValue(1_060_000);
    expect(leases.isReliable(JOB)).toBe(false);
  } finally {
    wall.mockRestore();
  }
});

it('tells a claim from a later one of the same job', () => {
  const leases = setUp();
  const again = { ...JOB, retryCount: 1 };
  leases.add([JOB], thisMoment());
  leases.add([again], thisMoment());

  expect(leases.isReliable(JOB)).toBe(false);
  leases.drop([JOB]);
  expect(leases.isReliable(again)).toBe(true);
});

it('does not rely on what another process has taken over', async () => {
  const leases = setUp({ held: [] });
  const { runningMs, wallMs } = thisMoment();
  leases.add([JOB], { runningMs: runningMs - 2_000, wallMs: wallMs - 2_000 });
  await leases.renew();
  expect(leases.isReliable(JOB)).toBe(false);
});

it('leaves a new claim for the next time', async () => {
  const leases = setUp({ held: [] });
  leases.add([JOB], thisMoment());
  await leases.renew();
  expect(leases.isReliable(JOB)).toBe(true);
});
