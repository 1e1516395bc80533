import type { Executor, Statement } from '../storage/database.js';
import type { WebhookEvent } from './event.js';

const INSERT_EVENTS: Statement = {
  name: 'insert_events',
  text: `
    with inserted as (
      insert into webhooks.events (account_id, id, type, body, livemode, idempotency_key, created_at, trace_parent)
      select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::timestamptz[],
                           $8::text[])
      returning account_id, id, livemode)
    insert into webhooks.changes (account_id, subject, subject_id, event_id)
    select account_id, 'event', id, id from inserted where livemode`,
};

/** Those of test events are nobody's news: they go to one endpoint, and their deliveries are. */
export async function insertEvents(tx: Executor, events: readonly WebhookEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(INSERT_EVENTS, [
    events.map(({ accountId }) => accountId),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ body }) => body),
    events.map(({ livemode }) => livemode),
    events.map(({ idempotencyKey }) => idempotencyKey),
    events.map(({ createdAt }) => createdAt),
    // Nothing at all stands for null in each row, as it is while traces are off.
    events.some(({ traceParent }) => traceParent) ? events.map(({ traceParent }) => traceParent) : null,
  ]);
}
