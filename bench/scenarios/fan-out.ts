import { since } from '../harness/arrivals.js';
import { createEndpoints } from '../harness/fill.js';
import { now } from '../harness/paced.js';
import { Publisher } from '../harness/publish.js';
import { verify } from '../harness/receiver.js';
import { repeat } from '../harness/repeat.js';
import type { Result } from '../harness/result.js';
import { quantile } from '../harness/statistics.js';
import type { Scenario, ScenarioOptions } from '../scenario.js';

export const fanOut: Scenario = {
  name: 'fan-out',
  about: 'One event to 1,000 and to 10,000 endpoints of an account, and how that account is read.',
  async measure(options) {
    return [...(await measureFanOut(options, 1_000)), ...(await measureFanOut(options, 10_000))];
  },
};

const PAGE = '{ endpoints(first: 100) { nodes { id url status successRate lastDeliveryAt } } }';

async function measureFanOut(options: ScenarioOptions, endpoints: number): Promise<Result[]> {
  const { rig } = options;
  const what = `to ${endpoints.toLocaleString('en-US')} endpoints`;
  await using database = await rig.createDatabase();
  await using service = await database.serve();
  const tenths = Array.from({ length: 10 }, (_, tenth) =>
    createEndpoints(rig, service, endpoints / 10, { name: `${tenth}-` }),
  );
  await Promise.all(tenths);
  await using publisher = new Publisher(service);
  const once = async () => {
    const { eventIds, startedAt, answeredAt } = await publisher.one();
    await rig.receiver.wait(endpoints);
    const received = await rig.receiver.take();
    verify(received, eventIds, endpoints);
    await database.settled();
    return { answered: answeredAt - startedAt, all: received.receivedAt.at(-1)! - startedAt };
  };
  await once();
  const runs = await repeat(options, what, once);
  const pages: number[] = [];
  for (let count = 0; count < 100; count += 1) {
    const startedAt = now();
    await service.api.request(PAGE);
    pages.push(since(startedAt));
  }
  return [
    { what: `${what}: the call`, unit: 'ms', runs: runs.map(({ answered }) => answered) },
    { what: `${what}: the last arrival`, unit: 'ms', runs: runs.map(({ all }) => all) },
    {
      what: `${what}: a page of 100 of them: p99`,
      unit: 'ms',
      runs: [quantile(pages, 0.99)],
      targets: [{ atMost: 20 }],
    },
  ];
}
