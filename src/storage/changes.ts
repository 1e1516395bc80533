import type { Statement, Transaction } from './database.js';

/** What a change is of. */
export type Subject = 'delivery' | 'endpoint' | 'bulk_retry';

/**
 * SQL that notes changed deliveries in the feed: goes behind a `with` in which the query `changed` returns `account_id`,
 * `id`, `endpoint_id` and `event_id` of the rows that the same statement wrote.
 */
export const RECORD_CHANGED_DELIVERIES = `
  insert into webhooks.changes (account_id, subject, subject_id, endpoint_id, event_id)
  select account_id, 'delivery', id, endpoint_id, event_id from changed`;

const RECORD_CHANGE: Statement = {
  name: 'record_change',
  text: `
    insert into webhooks.changes (account_id, subject, subject_id, endpoint_id, event_id) values ($1, $2, $3, $4, $5)`,
};

/** Notes in the feed that something changed in this transaction, so that whoever watches it reads it anew. */
export async function recordChange(
  tx: Transaction,
  accountId: string,
  subject: Subject,
  id: string,
  {
    endpointId = subject === 'endpoint' ? id : null,
    eventId = null,
  }: { endpointId?: string | null; eventId?: string | null } = {},
): Promise<void> {
  await tx.query(RECORD_CHANGE, [accountId, subject, id, endpointId, eventId]);
}
