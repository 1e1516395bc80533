import type { SelectQueryBuilder } from 'typeorm';
import type { Database } from '../storage/database.js';
import { inTime } from '../storage/in-time.js';
import { type InstantRange, whereCreated } from '../storage/instant-range.js';
import { type KeysetPage, type KeysetRows, readPage } from '../storage/keyset.js';
import { Delivery } from './delivery.js';
import type { DeliveryStatus } from './delivery-status.js';

/** Which deliveries. What is left out matches everything; an empty list matches nothing. */
export interface DeliverySelection {
  statuses?: readonly DeliveryStatus[] | null;
  eventTypes?: readonly string[] | null;
  endpointIds?: readonly string[] | null;
  eventIds?: readonly string[] | null;
  created?: InstantRange | null;
  livemode?: boolean | null;
}

const MAX_COUNT = 10_000;
const COUNT_FOR_MS = 150;
const LIST_FOR_MS = 450;

/** A list would take too long to read: too little of what it has to look through matches. */
export class TooSlowError extends Error {
  override readonly name = 'TooSlowError';
}

/**
 * A page of the deliveries that match.
 *
 * @throws {TooSlowError} when so few match that it would have to look through too many
 */
export async function listDeliveries(
  database: Database,
  accountId: string,
  selection: DeliverySelection,
  page: KeysetPage,
): Promise<KeysetRows<Delivery>> {
  if (matchesNothing(selection)) return { rows: [], hasMore: false };
  const read = (source: Pick<Database, 'manager'>) =>
    readPage(selectDeliveries(source, accountId, selection), 'delivery', page);
  if (!isSelective(selection)) return read(database);
  const rows = await inTime(database, LIST_FOR_MS, read);
  if (rows === null) throw new TooSlowError('Deliveries not listed in time');
  return rows;
}

/** Whether some are left out by anything but time, so that those that match may be far apart. */
function isSelective({ created: _created, ...rest }: DeliverySelection): boolean {
  return Object.values(rest).some((value) => value !== null && value !== undefined);
}

/** How many there are: counted up to ten thousand and for a moment only; `null` when there are more, or too many to count. */
export async function countDeliveries(
  database: Database,
  accountId: string,
  selection: DeliverySelection,
): Promise<number | null> {
  if (matchesNothing(selection)) return 0;
  const [sql, parameters] = selectDeliveries(database, accountId, selection)
    .select('1')
    .limit(MAX_COUNT + 1)
    .getQueryAndParameters();
  const count = await inTime(database, COUNT_FOR_MS, async (tx) => {
    const [row] = await tx.query<{ count: number }>(`select count(*)::int as count from (${sql}) matching`, parameters);
    return row!.count;
  });
  return count === null || count > MAX_COUNT ? null : count;
}

/** Whether a list of the selection is empty, so that nothing needs to be looked for. */
export function matchesNothing({ statuses, eventTypes, endpointIds, eventIds }: DeliverySelection): boolean {
  return [statuses, eventTypes, endpointIds, eventIds].some((values) => values?.length === 0);
}

/**
 * The query for what a selection matches. Lists go as arrays, one parameter each: a statement has no room for more than
 * 65,535.
 */
export function selectDeliveries(
  { manager }: Pick<Database, 'manager'>,
  accountId: string,
  { statuses, eventTypes, endpointIds, eventIds, created, livemode }: DeliverySelection,
): SelectQueryBuilder<Delivery> {
  const query = manager
    .createQueryBuilder(Delivery, 'delivery')
    .where('delivery.accountId = :accountId', { accountId })
    .andWhere(NOT_DELETED);
  if (statuses) query.andWhere('delivery.status = any(:statuses)', { statuses });
  if (eventTypes) query.andWhere('delivery.eventType = any(:eventTypes)', { eventTypes });
  if (endpointIds) query.andWhere('delivery.endpointId = any(:endpointIds)', { endpointIds });
  if (eventIds) query.andWhere('delivery.eventId = any(:eventIds)', { eventIds });
  if (livemode !== null && livemode !== undefined) query.andWhere('delivery.livemode = :livemode', { livemode });
  if (created) whereCreated(query, 'delivery', created);
  return query;
}

/** Deleted endpoints keep their rows for a while; nobody sees them. */
export const NOT_DELETED = `not exists (
  select from webhooks.endpoints gone
   where gone.account_id = delivery.account_id and gone.id = delivery.endpoint_id and gone.deleted_at is not null)`;
