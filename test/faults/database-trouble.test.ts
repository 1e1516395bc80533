import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { CrashablePostgres } from '../support/faults/crashable-postgres.js';
import { type Fleet, type Member, startFleet } from '../support/faults/fleet.js';
import { Follower } from '../support/faults/follower.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { testEnvironment, writeCa } from '../support/service.js';

interface Setup extends AsyncDisposable {
  fleet: Fleet;
  members: Member[];
  postgres: CrashablePostgres;
  receiver: Receiver;
}

async function setUp(): Promise<Setup> {
  const opened = new AsyncDisposableStack();
  try {
    const receiver = opened.adopt(await startReceiver(), (one) => one.close());
    const postgres = opened.use(await CrashablePostgres.start());
    const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
    const env = { ...testEnvironment(postgres.url), WEBHOOK_CA_FILE: caFile, LOG_LEVEL: 'error' };
    const fleet = opened.use(await startFleet({ apis: 1, dispatchers: 1 }, env));
    const members = [...fleet.apis, ...fleet.dispatchers];
    const closing = opened.move();
    return { fleet, members, postgres, receiver, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  } finally {
    await opened.disposeAsync();
  }
}

/** How long PostgreSQL is away while the processes are watched. */
const AWAY_MS = 8_000;

/** Each process may use so much of a core meanwhile, asked to publish fifty times a second, and grow by so much. */
const MAX_CPU_SHARE = 0.5;
const MAX_GROWTH_BYTES = 64 * 1_048_576;

const ASK_EVERY_MS = 20;

it.each<[string, (postgres: CrashablePostgres) => Promise<void>, (postgres: CrashablePostgres) => Promise<void>]>([
  ['gone', (postgres) => postgres.stop(), (postgres) => postgres.start()],
  ['read-only', (postgres) => postgres.setReadOnly(true), (postgres) => postgres.setReadOnly(false)],
])(
  'says that it is unavailable while PostgreSQL is %s, waits quietly, and goes on by itself',
  async (what, takeAway, bringBack) => {
    await using setup = await setUp();
    const { fleet, members, postgres, receiver } = setup;
    const { api } = fleet.apis[0]!;
    await api.createEndpoint({ url: receiver.url, allEvents: true });
    await using follower = new Follower('follower', () => api);
    await follower.ready;
    await api.deliveryOf(await api.publishEvent('invoice.paid'));

    await takeAway(postgres);
    await eventually('not ready', async () => (await Promise.all(members.map(isReady))).every((one) => !one));
    const before = members.map(usageOf);
    const codes = new Set<unknown>();
    const end = Date.now() + AWAY_MS;
    for (let number = 0; Date.now() < end; number += 1) {
      const input = { type: 'invoice.paid', data: { number } };
      const { data, errors } = await api.send<{ publishEvent: unknown }>(PUBLISH, { input });
      codes.add(errors?.[0]?.extensions.code ?? data);
      await delay(ASK_EVERY_MS);
    }
    const after = members.map(usageOf);
    const alive = await Promise.all(members.map((member) => member.probe('/livez')));
    const ready = await Promise.all(members.map((member) => member.probe('/readyz')));

    expect([...codes]).toEqual(['UNAVAILABLE']);
    expect({ alive, ready }).toEqual({ alive: [200, 200], ready: [503, 503] });
    const used = after.map(({ cpuMs, bytes }, index) => ({
      name: members[index]!.name,
      cpuShare: (cpuMs - before[index]!.cpuMs) / AWAY_MS,
      grownBytes: bytes - before[index]!.bytes,
    }));
    process.stdout.write(`  ${what}: ${used.map(sentenceOf).join('; ')}\n`);
    for (const { cpuShare, grownBytes } of used) {
      expect(cpuShare).toBeLessThan(MAX_CPU_SHARE);
      expect(grownBytes).toBeLessThan(MAX_GROWTH_BYTES);
    }

    await bringBack(postgres);
    await eventually('ready again', async () => (await Promise.all(members.map(isReady))).every(Boolean));
    const delivery = await api.deliveryOf(await api.publishEvent('invoice.paid'));
    await eventually('told', async () => follower.told.get(delivery.id)?.status === 'SUCCEEDED');
    expect(follower.wrong).toEqual([]);
    expect(receiver.requests).toHaveLength(2);
  },
  90_000,
);

it('is not ready, and alive, while PostgreSQL does not answer at all, and goes on once it does', async () => {
  await using setup = await setUp();
  const { fleet, members, postgres, receiver } = setup;
  const { api } = fleet.apis[0]!;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const pids = await postgres.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name like 'revkeen-webhooks%'`,
  );
  const signal = (name: string) => execFileSync('kill', [`-${name}`, ...pids.map(({ pid }) => `${pid}`)]);

  signal('STOP');
  const probed = await Promise.all(members.flatMap((one) => [one.probe('/livez'), one.probe('/readyz')]));
  signal('CONT');

  expect(probed).toEqual([200, 503, 200, 503]);
  await eventually('ready again', async () => (await Promise.all(members.map(isReady))).every(Boolean));
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
}, 60_000);

it('takes back the locks of a process that stands still in the middle of a transaction', async () => {
  await using setup = await setUp();
  const { fleet, postgres, receiver } = setup;
  const { api } = fleet.apis[0]!;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const key = { idempotencyKey: 'the same' };
  // Whoever holds the key in an open transaction makes everyone who publishes with it wait.
  await postgres.query('begin');
  await postgres.query('lock table webhooks.events in access exclusive mode');
  const publishing = api.tryToPublish({ type: 'invoice.paid', data: {}, ...key });
  await eventually('in the middle of it', async () => {
    const rows = await postgres.query(`select from pg_stat_activity where wait_event_type = 'Lock'`);
    return rows.length > 0;
  });
  fleet.apis[0]!.pause();
  await postgres.query('commit');
  await eventually('its transaction idle', async () => {
    const rows = await postgres.query(`select from pg_stat_activity where state = 'idle in transaction'`);
    return rows.length > 0;
  });

  await eventually('ended', async () => {
    const rows = await postgres.query(`select from pg_stat_activity where state = 'idle in transaction'`);
    return rows.length === 0;
  });

  fleet.apis[0]!.resume();
  const answer = await publishing.catch((error: Error) => error.message);
  expect(answer).toMatch(/UNAVAILABLE/);
  expect(await api.tryToPublish({ type: 'invoice.paid', data: {}, ...key })).toMatchObject({ duplicate: false });
}, 60_000);

const PUBLISH = 'mutation ($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }';

async function isReady(member: Member): Promise<boolean> {
  return (await member.probe('/readyz')) === 200;
}

const TICK_MS = 10;
const PAGE_BYTES = 4_096;

/** What a process has used of the processor so far, and of memory at this moment. */
function usageOf({ pid }: Member): { cpuMs: number; bytes: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, bytes: Number(fields[21]) * PAGE_BYTES };
}

function sentenceOf({ name, cpuShare, grownBytes }: { name: string; cpuShare: number; grownBytes: number }): string {
  return `${name} used ${Math.round(cpuShare * 100)} % of a core and grew by ${(grownBytes / 1_048_576).toFixed(1)} MiB`;
}
