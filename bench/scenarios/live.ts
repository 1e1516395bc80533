import { createEndpoints } from '../harness/fill.js';
import { atRate } from '../harness/paced.js';
import { Publisher } from '../harness/publish.js';
import { repeat } from '../harness/repeat.js';
import type { Result } from '../harness/result.js';
import { subscribe } from '../harness/sockets.js';
import { latencies } from '../harness/statistics.js';
import { cpuSecondsBetween, usageOf } from '../harness/usage.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

/** What a dashboard asks for. */
const DOCUMENT = `subscription { deliveryUpdated(statuses: [SUCCEEDED]) { kind cursor delivery {
  id status eventType attemptCount nextAttemptAt createdAt updatedAt completedAt event { id } endpoint { id url } } } }`;

const SECONDS = 10;

export const feed: Scenario = {
  name: 'feed',
  about:
    'From the settlement of a delivery in a dispatcher to its arrival at a subscriber of another process, 100 a second.',
  measure: (options) =>
    measureUpdates(options, { what: 'settled to received', subscribers: 1, perSecond: 100, targetMs: 40 }),
};

export const live: Scenario = {
  name: 'live',
  about: '1,000 subscribers on ten sockets with the same document, 20 updates a second.',
  measure: (options) =>
    measureUpdates(options, { what: '1,000 subscribers, 20/s', subscribers: 1_000, perSecond: 20, targetMs: 60 }),
};

interface Load {
  what: string;
  subscribers: number;
  perSecond: number;
  targetMs: number;
}

async function measureUpdates(
  options: ScenarioOptions,
  { what, subscribers, perSecond, targetMs }: Load,
): Promise<Result[]> {
  const { rig } = options;
  await using database = await rig.createDatabase();
  await using api = await database.serve({ ROLES: 'api' });
  await using _dispatcher = await database.serve({ ROLES: 'dispatcher' });
  await createEndpoints(rig, api, 1);
  await using publisher = new Publisher(api);
  let delays: number[] = [];
  let told = new Map<string, number>();
  let wake = () => {};
  const perSocket = Math.min(100, subscribers);
  await using _subscribed = await subscribe(api, {
    sockets: subscribers / perSocket,
    perSocket,
    query: DOCUMENT,
    hear(text, arrivedAt) {
      const [, event = ''] = /"event":\{"id":"([^"]+)"/.exec(text) ?? [];
      // When it was settled, to the millisecond.
      const [, settledAt = ''] = /"updatedAt":"([^"]+)"/.exec(text) ?? [];
      delays.push(arrivedAt - Date.parse(settledAt));
      told.set(event, (told.get(event) ?? 0) + 1);
      wake();
    },
  });
  const once = async (seconds: number) => {
    [delays, told] = [[], new Map()];
    const before = usageOf(api.pid);
    const publications = await atRate({ perSecond, count: perSecond * seconds }, () => publisher.one());
    const expected = publications.length * subscribers;
    await rig.receiver.wait(publications.length);
    await rig.receiver.take();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${delays.length} of ${expected} updates came`)), 20_000);
      wake = () => {
        if (delays.length < expected) return;
        clearTimeout(timer);
        resolve();
      };
      wake();
    });
    const cpu = cpuSecondsBetween(before, usageOf(api.pid)) / seconds;
    const counts = publications.map(({ eventIds: [id] }) => told.get(id!) ?? 0);
    const missed = counts.reduce((sum, count) => sum + Math.max(0, subscribers - count), 0);
    const repeated = counts.reduce((sum, count) => sum + Math.max(0, count - subscribers), 0);
    return { ...latencies(delays), cpu, missed, repeated };
  };
  await once(3);
  const runs = await repeat(options, what, () => once(SECONDS));
  return [
    { what: `${what}: p50`, unit: 'ms', runs: runs.map(({ p50 }) => p50) },
    { what: `${what}: p99`, unit: 'ms', runs: runs.map(({ p99 }) => p99), targets: [{ atMost: targetMs }] },
    { what: `${what}: missed`, unit: '', runs: runs.map(({ missed }) => missed), targets: [{ atMost: 0 }] },
    { what: `${what}: repeated`, unit: '', runs: runs.map(({ repeated }) => repeated), targets: [{ atMost: 0 }] },
    { what: `${what}: CPU of the API process`, unit: 'cores', runs: runs.map(({ cpu }) => cpu) },
  ];
}
