import { setTimeout as delay } from 'node:timers/promises';
import type { Disruption, Ledger } from '../turmoil/ledger.js';
import type { Random } from '../turmoil/random.js';
import type { CrashablePostgres } from './crashable-postgres.js';
import type { Fleet, Member } from './fleet.js';

/** What faults happen to. */
export interface Scene {
  readonly postgres: CrashablePostgres;
  readonly fleet: Fleet;
  readonly ledger: Ledger;
}

/** Breaks something, and resolves once it is whole again. */
export type Fault = (scene: Scene, random: Random) => Promise<void>;

/** Longer than a lease: whoever cannot renew for so long loses what it holds. */
const LONG_MS = Number(process.env.FAULT_LONG_MS ?? 12_000);

/** After its cause is gone, work that was cut off is still being done again for so long. */
const AFTERMATH_MS = 1_500;

/** By what they do. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'a dispatcher is killed': async (scene, random) => {
    const dispatcher = random.pick(scene.fleet.dispatchers);
    await disrupt(scene, `${dispatcher.name} killed`, () => dispatcher.stop('SIGKILL'));
    await delay(random.whole(0, 3_000));
    await dispatcher.start();
  },

  'all dispatchers are killed': async (scene) => {
    const { dispatchers } = scene.fleet;
    await disrupt(scene, 'all dispatchers killed', () => each(dispatchers, (one) => one.stop('SIGKILL')));
    await each(dispatchers, (one) => one.start());
  },

  'an API process is killed': async ({ fleet }, random) => {
    const api = random.pick(fleet.apis);
    await api.stop('SIGKILL');
    await delay(random.whole(0, 2_000));
    await api.start();
  },

  'every process is restarted, one after the other': async ({ fleet }) => {
    for (const member of [...fleet.apis, ...fleet.dispatchers]) {
      const code = await member.stop('SIGTERM');
      if (code !== 0) throw new Error(`${member.name} ended with ${code}`);
      await member.start();
    }
  },

  'PostgreSQL crashes': async (scene) => {
    await disrupt(scene, 'PostgreSQL crashed', () => scene.postgres.crash());
  },

  'PostgreSQL is gone for longer than a lease': async (scene, random) => {
    await disrupt(scene, 'PostgreSQL gone', async () => {
      await scene.postgres.stop();
      await delay(LONG_MS + random.whole(0, 8_000));
      await scene.postgres.start();
    });
  },

  'PostgreSQL is read-only for a while': async (scene, random) => {
    await disrupt(scene, 'PostgreSQL read-only', async () => {
      await scene.postgres.setReadOnly(true);
      await delay(random.whole(2_000, LONG_MS));
      await scene.postgres.setReadOnly(false);
    });
  },

  'all connections are cut': async (scene) => {
    await disrupt(scene, 'connections cut', () =>
      scene.postgres.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where application_name like 'revkeen-webhooks%'`,
      ),
    );
  },

  'a dispatcher stands still for longer than a lease': async (scene, random) => {
    const dispatcher = random.pick(scene.fleet.dispatchers);
    await disrupt(scene, `${dispatcher.name} paused`, () => pause(dispatcher, LONG_MS + random.whole(0, 4_000)));
  },

  'an API process stands still': async ({ fleet }, random) => {
    await pause(random.pick(fleet.apis), random.whole(1_000, 6_000));
  },

  'jobs vanish from the queue': async ({ postgres }) => {
    await postgres.query(
      `delete from webhooks_queue.job where id in (
         select id from webhooks_queue.job where state < 'active' order by random() limit 20 for update skip locked)`,
    );
  },

  'jobs are failed by hand': async ({ postgres }) => {
    await postgres.query(
      `update webhooks_queue.job set state = 'failed', completed_on = now() where id in (
         select id from webhooks_queue.job where state < 'active' order by random() limit 20 for update skip locked)`,
    );
  },

  'a transaction elsewhere stays open': async ({ postgres }, random) => {
    await postgres.query('begin');
    await postgres.query('select pg_current_xact_id()');
    await delay(random.whole(1_000, 5_000));
    await postgres.query('rollback');
  },
};

async function pause(member: Member, durationMs: number): Promise<void> {
  member.pause();
  await delay(durationMs);
  member.resume();
}

async function each(members: readonly Member[], act: (member: Member) => Promise<unknown>): Promise<void> {
  await Promise.all(members.map(act));
}

/** Notes when attempts that were under way may have been cut off. */
async function disrupt({ ledger }: Scene, what: string, act: () => Promise<unknown>): Promise<void> {
  const isTakenOver = /dispatcher/.test(what);
  const disruption = { what, isTakenOver, askedAt: Date.now(), answeredAt: Number.POSITIVE_INFINITY };
  ledger.disruptions.push(disruption satisfies Disruption);
  await act();
  disruption.answeredAt = Date.now() + AFTERMATH_MS;
}
