import { In, IsNull, type SelectQueryBuilder } from 'typeorm';
import { patternsOf } from '../events/type-pattern.js';
import type { Database } from '../storage/database.js';
import { type KeysetPage, type KeysetRows, readPage } from '../storage/keyset.js';
import { WebhookEndpoint } from './endpoint.js';
import { ENDPOINT_STATUS_SQL, EndpointHealth, type EndpointStatus } from './endpoint-health.js';

/** Which endpoints. What is left out matches everything; an empty list matches nothing. */
export interface EndpointSelection {
  statuses?: readonly EndpointStatus[] | null;
  /** Endpoints that receive events of one of these types. */
  eventTypes?: readonly string[] | null;
  /** Text within the URL or the description, whatever its case. */
  search?: string | null;
}

export async function listEndpoints(
  database: Database,
  accountId: string,
  selection: EndpointSelection,
  page: KeysetPage,
): Promise<KeysetRows<WebhookEndpoint>> {
  if (matchesNothing(selection)) return { rows: [], hasMore: false };
  return readPage(select(database, accountId, selection), 'endpoint', page);
}

export async function countEndpoints(
  database: Database,
  accountId: string,
  selection: EndpointSelection,
): Promise<number> {
  return matchesNothing(selection) ? 0 : select(database, accountId, selection).getCount();
}

/** The endpoints that exist, in no particular order. */
export async function readEndpoints(
  database: Database,
  accountId: string,
  ids: readonly string[],
): Promise<WebhookEndpoint[]> {
  return database.manager.findBy(WebhookEndpoint, { accountId, id: In([...ids]), deletedAt: IsNull() });
}

/** The same, and those that were deleted a moment ago: a delivery that was read before still has its endpoint. */
export async function readEndpointsOfDeliveries(
  database: Database,
  accountId: string,
  ids: readonly string[],
): Promise<WebhookEndpoint[]> {
  return database.manager.findBy(WebhookEndpoint, { accountId, id: In([...ids]) });
}

/** What attempts have shown of the endpoints; those of which nothing ever failed are missing. */
export async function readHealth(
  database: Database,
  accountId: string,
  endpointIds: readonly string[],
): Promise<EndpointHealth[]> {
  return database.manager.findBy(EndpointHealth, { accountId, endpointId: In([...endpointIds]) });
}

function matchesNothing({ statuses, eventTypes, search }: EndpointSelection): boolean {
  // PostgreSQL's text cannot hold a NUL, so nothing contains one.
  return statuses?.length === 0 || eventTypes?.length === 0 || (search?.includes('\0') ?? false);
}

function select(
  database: Database,
  accountId: string,
  { statuses, eventTypes, search }: EndpointSelection,
): SelectQueryBuilder<WebhookEndpoint> {
  const query = database.manager
    .createQueryBuilder(WebhookEndpoint, 'endpoint')
    .where('endpoint.accountId = :accountId and endpoint.deletedAt is null', { accountId });
  if (statuses) {
    query
      .leftJoin(
        EndpointHealth,
        'health',
        'health.account_id = endpoint.account_id and health.endpoint_id = endpoint.id',
      )
      .andWhere(`${ENDPOINT_STATUS_SQL} = any(:statuses)`, { statuses });
  }
  if (eventTypes) {
    const patterns = eventTypes.flatMap(patternsOf);
    query.andWhere('(endpoint.allEvents or endpoint.eventTypes && cast(:patterns as text[]))', { patterns });
  }
  if (search) {
    query.andWhere(
      '(position(lower(:search) in lower(endpoint.url)) > 0 or position(lower(:search) in lower(endpoint.description)) > 0)',
      { search },
    );
  }
  return query;
}
