import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api.js';
import { createEmptyDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { LiveClient } from '../support/live.js';
import { PROGRAM, runProgram, type ServiceProcess, startProcess } from '../support/processes.js';
import { startReceiver } from '../support/receiver.js';
import { API_KEY, testEnvironment, writeCa } from '../support/service.js';

/** `dist/src/main.js` of an older build: docs/operating.md says how to make one. */
const OLD_PROGRAM = process.env.OLD_PROGRAM && resolve(process.env.OLD_PROGRAM);
if (!OLD_PROGRAM) console.log('No build of an older version here, so no upgrade was tried: OLD_PROGRAM names one.');

/** How long each state of the fleet is kept under load. */
const STAGE_MS = Number(process.env.UPGRADE_STAGE_MS ?? 5_000);

interface Update {
  kind: string;
  delivery: { status: string; event: { id: string } } | null;
}

(OLD_PROGRAM ? it : it.skip)(
  'is upgraded and taken back under load, old and new side by side, and nothing is lost',
  async () => {
    await using opened = new AsyncDisposableStack();
    const database = opened.adopt(await createEmptyDatabase(), (one) => one.drop());
    const receiver = opened.adopt(await startReceiver(), (one) => one.close());
    const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
    receiver.answer((_request, _response, count) => ({ status: count % 5 === 0 ? 503 : 200 }));
    const env = {
      ...testEnvironment(database.url),
      WEBHOOK_CA_FILE: caFile,
      RETRY_SCHEDULE: '500ms,500ms,1s,1s,1s,1s',
    };
    const start = async (program: string, role: string) =>
      opened.use(await startProcess({ program, env: { ...env, ROLES: role } }));
    const fleetOf = async (program: string) => {
      const [api, dispatcher] = await Promise.all([start(program, 'api'), start(program, 'dispatcher')]);
      return { api, dispatcher };
    };
    const publisher = new SteadyPublisher();

    const old = await fleetOf(OLD_PROGRAM!);
    const before = await migrationsIn(database);
    await old.api.api(API_KEY).createEndpoint({ url: receiver.url, allEvents: true });
    publisher.start(old.api);
    await publisher.stage('old alone');
    const { code, stdout } = await runProgram(['migrate'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'The database is up to date.\n' });
    await publisher.stage('old on the new tables');
    const fresh = await fleetOf(PROGRAM);
    publisher.start(fresh.api);
    await using live = await LiveClient.connect(fresh.api.api(API_KEY));
    const updates = live.subscribe<{ deliveryUpdated: Update }>(
      'subscription { deliveryUpdated { kind delivery { status event { id } } } }',
    );
    await updates.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'READY');
    const subscribedFrom = publisher.published.length;
    await publisher.stage('side by side');
    publisher.leave(old.api);
    await Promise.all([old.api.stop(), old.dispatcher.stop()]);
    await publisher.stage('new alone');
    const back = await fleetOf(OLD_PROGRAM!);
    publisher.start(back.api);
    await publisher.stage('taken back, side by side');
    publisher.leave(fresh.api);
    await publisher.stop();

    const api = back.api.api(API_KEY);
    await eventually('everything has come to its end', () => isOver(api), 60_000);
    const received = receiver.requests.map(({ headers }) => headers['webhook-id']);
    const published = publisher.published;
    expect(published.filter((id) => !received.includes(id))).toEqual([]);
    const told = () =>
      new Set(
        updates.seen.flatMap(({ deliveryUpdated: { delivery } }) =>
          delivery?.status === 'SUCCEEDED' ? [delivery.event.id] : [],
        ),
      );
    const toBeTold = published.slice(subscribedFrom);
    await eventually('all of it is told live', async () => toBeTold.every((id) => told().has(id)));
    const attempts = await database.query<{ attempts: number; failed: number; statuses: string }>(
      `select count(*)::int as attempts, count(*) filter (where outcome <> 'SUCCEEDED')::int as failed,
              (select string_agg(distinct status, ',') from webhooks.deliveries) as statuses from webhooks.attempts`,
    );
    expect(attempts).toMatchObject([{ attempts: received.length, statuses: 'SUCCEEDED' }]);
    const after = await migrationsIn(database);
    console.log(
      [
        `migrations: ${before.length} before, ${after.length} after (${after.slice(before.length).join(', ') || 'none'})`,
        ...publisher.stages,
        `published ${published.length}, lost 0; refused and published again ${publisher.refused}`,
        `requests ${received.length}, each on record once; ${attempts[0]!.failed} of them failed as they should`,
        `told live ${toBeTold.length} of ${toBeTold.length}`,
      ].join('\n'),
    );
  },
  180_000,
);

/** Publishes to each of several services, one event after the other, until it is told to stop. */
class SteadyPublisher {
  readonly published: string[] = [];
  readonly stages: string[] = [];
  refused = 0;
  readonly #running = new Map<ServiceProcess, { isOn: boolean; done: Promise<void> }>();

  start(service: ServiceProcess): void {
    const state = { isOn: true, done: Promise.resolve() };
    state.done = this.#publish(service.api(API_KEY), () => state.isOn);
    this.#running.set(service, state);
  }

  /** Publishes there no more, as a load balancer that has taken it out. */
  leave(service: ServiceProcess): void {
    const state = this.#running.get(service);
    if (state) state.isOn = false;
  }

  async stage(name: string): Promise<void> {
    const from = this.published.length;
    await new Promise((resolve) => setTimeout(resolve, STAGE_MS));
    this.stages.push(`${name}: published ${this.published.length - from}`);
    expect(this.published.length).toBeGreaterThan(from);
  }

  async stop(): Promise<void> {
    for (const state of this.#running.values()) state.isOn = false;
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  async #publish(api: ApiClient, isOn: () => boolean): Promise<void> {
    for (let number = 0; isOn(); number += 1) {
      try {
        this.published.push((await api.publishEvent('invoice.paid', { number })).id);
      } catch {
        if (isOn()) this.refused += 1;
      }
    }
  }
}

async function isOver(api: ApiClient): Promise<boolean> {
  const { totalCount } = await api.page('deliveries', { first: 1, filter: { statuses: ['PENDING', 'RETRYING'] } });
  return totalCount === 0;
}

async function migrationsIn(database: { query<Row>(sql: string): Promise<Row[]> }): Promise<string[]> {
  const rows = await database.query<{ name: string }>('select name from webhooks.migrations order by id');
  return rows.map(({ name }) => name);
}
