import type { Executor } from '../storage/database.js';
import { ENDPOINT_STATUS_SQL, EndpointStatus } from './endpoint-health.js';

/** How many endpoints of all accounts have each status, zeros included. */
export async function countEndpointsByStatus(db: Executor): Promise<Map<EndpointStatus, number>> {
  const rows = await db.query<{ status: EndpointStatus; count: number }>(
    `select ${ENDPOINT_STATUS_SQL} as status, count(*)::int as count
       from webhooks.endpoints endpoint
       left join webhooks.endpoint_health health
         on health.account_id = endpoint.account_id and health.endpoint_id = endpoint.id
      where endpoint.deleted_at is null
      group by 1`,
  );
  const counts = new Map(Object.values(EndpointStatus).map((status) => [status, 0]));
  for (const { status, count } of rows) counts.set(status, count);
  return counts;
}
