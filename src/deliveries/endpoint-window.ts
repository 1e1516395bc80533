import type { EndpointKey } from '../endpoints/endpoint-key.js';
import type { Executor, Statement } from '../storage/database.js';
import { isQueuedBySql, WITH_WAITING } from './queued-sql.js';

/** An endpoint with due deliveries outside the queue, and how many of them may enter. */
export interface Room extends EndpointKey {
  room: number;
}

/** Of an endpoint with a rate limit, no more is queued than it gets in so long: the rest would only be in the way. */
const PACED_AHEAD_SECONDS = 5;

/** A window of which this share is taken is worth a look before it is full. */
const NEARLY_FULL = 0.4;

/** So many endpoints are topped up in one go; the next goes on with those that still have room. */
const ENDPOINTS_AT_ONCE = 1_000;

const COUNT_QUEUED: Statement = {
  name: 'count_queued',
  text: `
    select w.endpoint_id as "endpointId", count(*)::int as count
      from unnest($1::text[], $2::uuid[]) as w (account_id, endpoint_id)
      join webhooks.deliveries d
        on d.account_id = w.account_id and d.endpoint_id = w.endpoint_id and ${isQueuedBySql('d', '$3')}
     group by 1`,
};

/** How many jobs of an endpoint may start by now. */
export async function countQueued(db: Executor, { accountId, endpointId }: EndpointKey, now: Date): Promise<number> {
  const [row] = await db.query<{ count: number }>(COUNT_QUEUED, [[accountId], [endpointId], now]);
  return row?.count ?? 0;
}

const FIND_WAITING: Statement = {
  name: 'find_waiting',
  text: `
    ${WITH_WAITING}
    select w.account_id as "accountId", w.endpoint_id as "endpointId", q.queued,
           e.rate_limit_per_second as "rateLimitPerSecond"
      from waiting w
     cross join lateral (
       select count(*)::int as queued from webhooks.deliveries d
        where d.account_id = w.account_id and d.endpoint_id = w.endpoint_id and ${isQueuedBySql('d', '$1')}) q
      join webhooks.endpoints e on e.account_id = w.account_id and e.id = w.endpoint_id and e.deleted_at is null
     where exists (select from webhooks.deliveries d
                    where d.account_id = w.account_id and d.endpoint_id = w.endpoint_id
                      and d.job_id is null and d.status in ('PENDING', 'RETRYING') and d.next_attempt_at <= $1
                      and (e.disabled_at is null or not d.livemode))`,
};

interface Waiting extends EndpointKey {
  queued: number;
  rateLimitPerSecond: number | null;
}

/**
 * How much of each endpoint's work is in the queue, as far as this process knows. The queue is a window onto the
 * deliveries: beyond `size` due jobs of one endpoint, a delivery waits as a row until others are settled. So the job
 * table stays small however long a backlog grows. The counts are soft: a sweep corrects them every second or so.
 */
export class EndpointWindow {
  readonly #queued = new Map<string, EndpointKey & { count: number }>();
  readonly #waiting = new Map<string, EndpointKey>();

  constructor(readonly size: number) {}

  /** How many due jobs an endpoint may have. */
  sizeFor(rateLimitPerSecond: number | null): number {
    return Math.min(this.size, (rateLimitPerSecond ?? Infinity) * PACED_AHEAD_SECONDS);
  }

  /** How many of `count` new deliveries may have a job at once; the rest wait as rows. */
  admit(endpoint: EndpointKey, count: number, rateLimitPerSecond: number | null = null): number {
    const { endpointId } = endpoint;
    const size = this.sizeFor(rateLimitPerSecond);
    const queued = this.#queued.get(endpointId) ?? { ...endpoint, count: 0 };
    const admitted = this.#waiting.has(endpointId) ? 0 : Math.max(0, Math.min(count, size - queued.count));
    if (admitted > 0) this.#queued.set(endpointId, { ...queued, count: queued.count + admitted });
    if (admitted < count) this.markWaiting(endpoint);
    return admitted;
  }

  /** Counts jobs that left the queue. */
  release({ endpointId }: EndpointKey, count: number): void {
    const queued = this.#queued.get(endpointId);
    if (!queued) return;
    if (queued.count <= count) this.#queued.delete(endpointId);
    else queued.count -= count;
  }

  /** Notes that due deliveries of an endpoint wait outside the queue. */
  markWaiting({ accountId, endpointId }: EndpointKey): void {
    this.#waiting.set(endpointId, { accountId, endpointId });
  }

  isWaiting({ endpointId }: EndpointKey): boolean {
    return this.#waiting.has(endpointId);
  }

  /** Whether due deliveries of any endpoint wait outside the queue. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Notes that an endpoint has no due deliveries left outside the queue. */
  markDrained({ endpointId }: EndpointKey): void {
    this.#waiting.delete(endpointId);
  }

  /**
   * Corrects the counts of endpoints whose window seems nearly full. A process that publishes and does not dispatch knows
   * of no job that has left the queue.
   */
  async recountFull(db: Executor, now: Date): Promise<void> {
    await this.#recount(
      db,
      [...this.#queued.values()].filter(({ count }) => count >= this.size * NEARLY_FULL),
      now,
    );
  }

  /** Corrects the counts from the database, and answers which endpoints have due deliveries waiting, with their room. */
  async observe(db: Executor, now: Date): Promise<Room[]> {
    await this.#recount(db, [...this.#queued.values()], now);
    const waiting = await db.query<Waiting>(FIND_WAITING, [now]);
    this.#waiting.clear();
    for (const endpoint of waiting) this.markWaiting(endpoint);
    return waiting
      .map(({ accountId, endpointId, queued, rateLimitPerSecond }) => ({
        accountId,
        endpointId,
        room: this.sizeFor(rateLimitPerSecond) - queued,
      }))
      .filter(({ room }) => room > 0)
      .slice(0, ENDPOINTS_AT_ONCE);
  }

  async #recount(db: Executor, known: readonly (EndpointKey & { count: number })[], now: Date): Promise<void> {
    if (known.length === 0) return;
    const counts = await db.query<{ endpointId: string; count: number }>(COUNT_QUEUED, [
      known.map(({ accountId }) => accountId),
      known.map(({ endpointId }) => endpointId),
      now,
    ]);
    for (const { endpointId } of known) this.#queued.delete(endpointId);
    const byEndpoint = new Map(known.map((endpoint) => [endpoint.endpointId, endpoint]));
    for (const { endpointId, count } of counts) {
      this.#queued.set(endpointId, { ...byEndpoint.get(endpointId)!, count });
    }
  }
}
