import type { ApiClient } from './api.js';
import type { TestDatabase } from './database.js';
import { eventually } from './eventually.js';
import type { Ids } from './every-operation.js';

/** Gives an account one of everything, and waits until nothing moves any more. */
export async function createBelongings(
  api: ApiClient,
  url: string,
  idempotencyKey = 'a key that all accounts use',
): Promise<Ids> {
  const endpoint = await api.createEndpoint({ url, allEvents: true, description: 'Nobody else knows it' });
  const { event } = await api.tryToPublish({ type: 'invoice.paid', data: {}, idempotencyKey });
  const delivery = await api.deliveryOf(event!);
  const { bulkRetry } = await api.retryDeliveries({ filter: { eventId: event!.id } });
  await eventually('the bulk retry is over', async () => (await api.bulkRetry(bulkRetry!.id))?.status === 'COMPLETED');
  const settled = await api.deliveryOf(event!, ({ attemptCount }) => attemptCount === 2);
  const apiKey = await api.createApiKey(['events:read']);
  return {
    endpoint: endpoint.id,
    event: event!.id,
    delivery: delivery.id,
    attempt: settled.attempts[0]!.id,
    bulkRetry: bulkRetry!.id,
    apiKey: apiKey.id,
    url,
  };
}

/** A digest of all rows of an account, by table. */
export async function digestOf(database: TestDatabase, accountId: string): Promise<Record<string, string>> {
  const tables = await database.query<{ name: string }>(
    // Not the partitions: with the days, some come and some go.
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'webhooks'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and a.attname = 'account_id' order by 1`,
  );
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await database.query<{ digest: string }>(
      `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as digest
         from webhooks.${name} t where account_id = $1`,
      [accountId],
    );
    digests[name] = row!.digest;
  }
  return digests;
}
