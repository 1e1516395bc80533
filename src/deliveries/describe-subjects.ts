import type { DisabledReason } from '../endpoints/endpoint.js';
import { ENDPOINT_STATUS_SQL, EndpointStatus } from '../endpoints/endpoint-health.js';
import { NotificationType } from '../events/notification-type.js';
import type { Statement, Transaction } from '../storage/database.js';
import { greatest, least, toTypeId } from '../storage/ids.js';
import type { Notice } from './announce.js';
import type { AttemptOutcome } from './attempt-outcome.js';
import { DeliveryStatus } from './delivery-status.js';

interface EndpointRow {
  id: string;
  url: string;
  description: string | null;
  status: EndpointStatus;
  disabledReason: DisabledReason | null;
  disabledAt: Date | null;
  lastDeliveryId: string | null;
}

interface DeliveryRow {
  id: string;
  status: DeliveryStatus;
  attemptCount: number;
  dueAt: Date | null;
  createdAt: Date;
  completedAt: Date | null;
  eventId: string;
  eventType: string;
  /** Of the last attempt. */
  number: number;
  outcome: AttemptOutcome;
  responseStatusCode: number | null;
  error: string | null;
  startedAt: Date;
}

const READ_ENDPOINTS: Statement = {
  name: 'read_endpoints_to_announce',
  text: `
    select endpoint.id, endpoint.url, endpoint.description, ${ENDPOINT_STATUS_SQL} as status,
           endpoint.disabled_reason as "disabledReason", endpoint.disabled_at as "disabledAt",
           (select last_delivery_id from webhooks.endpoint_stats s
             where s.account_id = endpoint.account_id and s.endpoint_id = endpoint.id and last_attempt_at is not null
             order by bucket_at desc limit 1) as "lastDeliveryId"
      from (select distinct * from unnest($1::text[], $2::uuid[]) as n (account_id, id)) n
      join webhooks.endpoints endpoint
        on endpoint.account_id = n.account_id and endpoint.id = n.id and endpoint.deleted_at is null
      left join webhooks.endpoint_health health
        on health.account_id = endpoint.account_id and health.endpoint_id = endpoint.id`,
};

const READ_DELIVERIES: Statement = {
  name: 'read_deliveries_to_announce',
  text: `
    select d.*, a.*
      from (select distinct * from unnest($1::text[], $2::uuid[]) as n (account_id, id)) n
     cross join lateral (
       select id, status, attempt_count as "attemptCount", next_attempt_at as "dueAt", created_at as "createdAt",
              completed_at as "completedAt", event_id as "eventId", event_type as "eventType"
         from webhooks.deliveries
        where account_id = n.account_id and id = n.id and id between $3 and $4
       offset 0) d
     cross join lateral (
       select number, outcome, response_status_code as "responseStatusCode", error, started_at as "startedAt"
         from webhooks.attempts
        where account_id = n.account_id and delivery_id = n.id and delivery_id between $3 and $4
        order by number desc limit 1) a`,
};

/** The status that an endpoint has after what is told of it. One that has another was changed again, by somebody who tells. */
const STATUS_AFTER: Partial<Record<NotificationType, EndpointStatus>> = {
  [NotificationType.ENDPOINT_FAILING]: EndpointStatus.FAILING,
  [NotificationType.ENDPOINT_RECOVERED]: EndpointStatus.ACTIVE,
  [NotificationType.ENDPOINT_DISABLED]: EndpointStatus.DISABLED,
};

/**
 * Reads what notices are about, as this transaction has left it. Answers the `data` of a notice, in the names and shapes
 * of the API; null when there is nothing to tell any more, because the endpoint is deleted or has another status.
 */
export async function describeSubjects(
  tx: Transaction,
  notices: readonly Notice[],
): Promise<(notice: Notice) => object | null> {
  const endpoints = byId(
    await tx.query<EndpointRow>(READ_ENDPOINTS, [
      notices.map(({ accountId }) => accountId),
      notices.map(({ endpointId }) => endpointId),
    ]),
  );
  const told = notices.flatMap(({ accountId, endpointId, deliveryId }) => {
    const id = deliveryId ?? endpoints.get(endpointId)?.lastDeliveryId;
    return id ? [{ accountId, id }] : [];
  });
  const deliveries = byId(await readDeliveries(tx, told));
  return ({ type, endpointId, deliveryId }) => {
    const endpoint = endpoints.get(endpointId);
    if (!endpoint || (STATUS_AFTER[type] ?? endpoint.status) !== endpoint.status) return null;
    const delivery = deliveries.get(deliveryId ?? endpoint.lastDeliveryId ?? '');
    if (deliveryId === null)
      return { ...viewEndpoint(endpoint), lastDelivery: delivery ? viewDelivery(delivery) : null };
    return delivery ? { ...viewDelivery(delivery), endpoint: viewEndpoint(endpoint) } : null;
  };
}

async function readDeliveries(
  tx: Transaction,
  keys: readonly { accountId: string; id: string }[],
): Promise<DeliveryRow[]> {
  if (keys.length === 0) return [];
  const ids = keys.map(({ id }) => id);
  return tx.query(READ_DELIVERIES, [keys.map(({ accountId }) => accountId), ids, least(ids), greatest(ids)]);
}

function byId<Row extends { id: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}

function viewEndpoint({ id, url, description, status, disabledReason, disabledAt }: EndpointRow) {
  return { id: toTypeId('ep', id), url, description, status, disabledReason, disabledAt: textOf(disabledAt) };
}

function viewDelivery(row: DeliveryRow) {
  const { number, outcome, responseStatusCode, error } = row;
  return {
    id: toTypeId('dlv', row.id),
    status: row.status,
    attemptCount: row.attemptCount,
    nextAttemptAt: row.status === DeliveryStatus.HELD ? null : textOf(row.dueAt),
    createdAt: textOf(row.createdAt),
    completedAt: textOf(row.completedAt),
    event: { id: toTypeId('evt', row.eventId), type: row.eventType },
    lastAttempt: { number, outcome, responseStatusCode, error, startedAt: textOf(row.startedAt) },
  };
}

function textOf(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
