import { IsNull } from 'typeorm';
import { type Refusal, refuse, UserErrorCode } from '../refusal.js';
import { recordChange } from '../storage/changes.js';
import type { Transaction } from '../storage/database.js';
import { WebhookEndpoint } from './endpoint.js';

/** Whose endpoint, and which. */
interface Wanted {
  accountId: string;
  /** Null: an id that is malformed. */
  id: string | null;
  /** The path to the id in the caller's request, for errors. */
  field: string[];
}

/** The endpoint unless it is unknown, another account's or deleted. A lock on it lasts to the end of the transaction. */
export async function findEndpoint(
  db: Pick<Transaction, 'manager'>,
  { accountId, id, field }: Wanted,
  { lock = false } = {},
): Promise<WebhookEndpoint | Refusal> {
  const endpoint =
    id &&
    (await db.manager.findOne(WebhookEndpoint, {
      where: { accountId, id, deletedAt: IsNull() },
      ...(lock && { lock: { mode: 'pessimistic_write' } }),
    }));
  return (
    endpoint ||
    refuse(UserErrorCode.NOT_FOUND, 'There is no such endpoint. The query `endpoints` lists those there are.', field)
  );
}

/** Writes what a person changed of a locked endpoint, as a new version. */
export async function writeEndpoint(tx: Transaction, endpoint: WebhookEndpoint, now: Date): Promise<void> {
  endpoint.version += 1;
  endpoint.updatedAt = now;
  const { accountId, id, ...columns } = endpoint;
  await tx.manager.update(WebhookEndpoint, { accountId, id }, columns);
  await recordChange(tx, accountId, 'endpoint', id);
}
