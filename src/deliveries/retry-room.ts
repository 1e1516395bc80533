import type { EndpointKey } from '../endpoints/endpoint-key.js';
import type { Executor, Statement } from '../storage/database.js';
import type { EndpointWindow } from './endpoint-window.js';
import { isQueuedBySql } from './queued-sql.js';

/** With less room than this share of its window an endpoint has enough to do: fewer are not worth a transaction. */
const WORTHWHILE_SHARE = 0.25;

/** However much else waits for an endpoint, manual retries may take up this share of its window beside it. */
const OWN_SHARE = 0.5;

const LOOK_AT_ENDPOINTS: Statement = {
  name: 'look_at_endpoints_to_retry',
  text: `
    select w.endpoint_id as "endpointId", e.id is not null as "isOn", q.queued, q.retries,
           e.rate_limit_per_second as "rateLimitPerSecond"
      from unnest($1::text[], $2::uuid[]) as w (account_id, endpoint_id)
      left join lateral (
        select id, rate_limit_per_second from webhooks.endpoints
         where account_id = w.account_id and id = w.endpoint_id and disabled_at is null and deleted_at is null
        offset 0) e on true
     cross join lateral (
       select count(*)::int as queued, count(*) filter (where d.job_trigger = 'MANUAL')::int as retries
         from webhooks.deliveries d
        where d.account_id = w.account_id and d.endpoint_id = w.endpoint_id and ${isQueuedBySql('d', '$3')}) q`,
};

interface Look {
  endpointId: string;
  isOn: boolean;
  queued: number;
  /** How many of these are manual retries. */
  retries: number;
  rateLimitPerSecond: number | null;
}

/**
 * How many retries of each endpoint may enter the queue now, by endpoint id; those that have no room worth speaking of
 * are missing. An endpoint that is disabled or deleted takes any number: nothing of it will be queued.
 */
export async function findRoom(
  db: Executor,
  endpoints: readonly EndpointKey[],
  window: EndpointWindow,
  now: Date,
): Promise<Map<string, { room: number; isOn: boolean }>> {
  const rows = await db.query<Look>(LOOK_AT_ENDPOINTS, [
    endpoints.map(({ accountId }) => accountId),
    endpoints.map(({ endpointId }) => endpointId),
    now,
  ]);
  return new Map(
    rows
      .map(({ rateLimitPerSecond, queued, retries, ...rest }) => {
        const size = window.sizeFor(rateLimitPerSecond);
        const room = Math.max(size - queued, Math.ceil(size * OWN_SHARE) - retries);
        return { ...rest, size, room: rest.isOn ? room : Infinity };
      })
      .filter(({ room, size }) => room > 0 && room >= size * WORTHWHILE_SHARE)
      .map(({ endpointId, isOn, room }) => [endpointId, { isOn, room }]),
  );
}
