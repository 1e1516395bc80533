import { In } from 'typeorm';
import type { Database, Transaction } from '../storage/database.js';
import { type InstantRange, whereCreated } from '../storage/instant-range.js';
import { type KeysetPage, type KeysetRows, readPage } from '../storage/keyset.js';
import { WebhookEvent } from './event.js';

/** Which events. What is left out matches everything; an empty list matches nothing. */
export interface EventSelection {
  types?: readonly string[] | null;
  created?: InstantRange | null;
}

export async function listEvents(
  database: Database,
  accountId: string,
  { types, created }: EventSelection,
  page: KeysetPage,
): Promise<KeysetRows<WebhookEvent>> {
  if (types?.length === 0) return { rows: [], hasMore: false };
  const query = database.manager
    .createQueryBuilder(WebhookEvent, 'event')
    .where('event.accountId = :accountId', { accountId });
  if (types) query.andWhere('event.type = any(:types)', { types });
  if (created) whereCreated(query, 'event', created);
  return readPage(query, 'event', page);
}

/** The events that exist, in no particular order. */
export async function readEvents(
  { manager }: Pick<Transaction, 'manager'>,
  accountId: string,
  ids: readonly string[],
): Promise<WebhookEvent[]> {
  return manager.findBy(WebhookEvent, { accountId, id: In([...ids]) });
}
