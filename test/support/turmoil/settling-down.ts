import type { TestDatabase } from '../database.js';
import { eventually } from '../eventually.js';
import { disable, enable } from './endpoint-acts.js';
import { natureOf } from './natures.js';
import type { Random } from './random.js';
import { insist, type Turmoil } from './turmoil.js';

const PATIENCE_MS = 60_000;

/** Waits until it is so. What it is not is no reason to stop here: the rules tell more. */
export async function settled(what: string, look: () => Promise<boolean>): Promise<string> {
  return eventually(what, look, PATIENCE_MS).then(
    () => what,
    (error: Error) => error.message,
  );
}

/** Those that are left alone stay enabled: an accepted retry there has to be made. */
export async function disableAll(turmoil: Turmoil, random: Random): Promise<void> {
  const endpoints = turmoil.ledger.livingEndpoints().filter(({ name }) => !natureOf(name).isLeftAlone);
  await Promise.all(endpoints.map((endpoint) => disable(turmoil, random, endpoint)));
}

/** Enables all for good, the second time. */
export async function enableAll(turmoil: Turmoil, random: Random): Promise<void> {
  const endpoints = turmoil.ledger.livingEndpoints();
  await Promise.all(endpoints.map((endpoint) => enable(turmoil, random, endpoint)));
  await disableAll(turmoil, random);
  await Promise.all(endpoints.map((endpoint) => enable(turmoil, random, endpoint)));
}

/** Whether nothing is queued, and what is open is held. */
export async function isStill(database: Pick<TestDatabase, 'query'>): Promise<boolean> {
  const [row] = await database.query<{ isStill: boolean }>(
    `select not exists (select from webhooks_queue.job where state < 'completed')
        and not exists (select from webhooks.bulk_retry_chunks)
        and not exists (select from webhooks.deliveries d
                          join webhooks.endpoints e on e.account_id = d.account_id and e.id = d.endpoint_id
                         where e.deleted_at is null
                           and (d.status in ('PENDING', 'RETRYING') or d.job_id is not null)) as "isStill"`,
  );
  return row!.isStill;
}

/** Whether nothing is held either. What was answered before may have disabled an endpoint since: it is enabled again. */
export async function isDone(turmoil: Turmoil, random: Random): Promise<boolean> {
  const { answer } = await insist(turmoil, random, (api) => {
    return api.page<{ id: string }>('endpoints', { filter: { statuses: ['DISABLED'] } });
  });
  for (const { id } of answer.nodes) await enable(turmoil, random, turmoil.ledger.endpoints.get(id)!);
  const held = await turmoil.database.query(
    `select from webhooks.deliveries d
       join webhooks.endpoints e on e.account_id = d.account_id and e.id = d.endpoint_id and e.deleted_at is null
      where d.status = 'HELD' limit 1`,
  );
  return answer.nodes.length === 0 && held.length === 0 && (await isStill(turmoil.database));
}
