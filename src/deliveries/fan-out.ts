import { changeHeldCounts, type HeldChange } from '../endpoints/held-count.js';
import type { WebhookEvent } from '../events/event.js';
import { patternsOf } from '../events/type-pattern.js';
import { RECORD_CHANGED_DELIVERIES } from '../storage/changes.js';
import type { Executor, Statement, Transaction } from '../storage/database.js';
import { newId } from '../storage/ids.js';
import { Lane, type NewJob, type Queue } from '../storage/queue.js';
import { AttemptTrigger } from './attempt.js';
import { DeliveryStatus } from './delivery-status.js';
import type { EndpointWindow } from './endpoint-window.js';

/** An endpoint's first so many deliveries of a publish go ahead of backlogs. */
const FRESH_PER_ENDPOINT = 50;

// Without `offset 0` the patterns would be taken apart once for each endpoint.
const FIND_SUBSCRIBED: Statement = {
  name: 'find_subscribed',
  text: `
    select w.ordinal::int - 1 as "index", e.id as "endpointId", e.disabled_at is not null as disabled,
           e.rate_limit_per_second as "rateLimitPerSecond"
      from (select account_id, string_to_array(patterns, ' ') as patterns, ordinal
              from unnest($1::text[], $2::text[]) with ordinality as given (account_id, patterns, ordinal)
            offset 0) w
      join webhooks.endpoints e
        on e.account_id = w.account_id and e.deleted_at is null and (e.all_events or e.event_types && w.patterns)
     order by w.ordinal, e.id`,
};

const INSERT_DELIVERIES: Statement = {
  name: 'insert_deliveries',
  text: `
    with changed as (
      insert into webhooks.deliveries
        (account_id, id, event_id, event_type, endpoint_id, livemode, status, attempt_count, scheduled_attempt_count,
         next_attempt_at, job_id, job_trigger, version, created_at, updated_at)
      select account_id, id, event_id, event_type, endpoint_id, livemode, status, 0, 0, created_at, job_id,
             case when job_id is not null then job_trigger end, 1, created_at, created_at
        from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::boolean[], $7::text[], $8::uuid[],
                    $9::text[], $10::timestamptz[])
          as d (account_id, id, event_id, event_type, endpoint_id, livemode, status, job_id, job_trigger, created_at)
      returning account_id, id, endpoint_id, event_id)
    ${RECORD_CHANGED_DELIVERIES}`,
};

/** A delivery that is about to be written. */
export interface NewDelivery {
  event: WebhookEvent;
  id: string;
  endpointId: string;
  status: DeliveryStatus;
  jobId: string | null;
  trigger: AttemptTrigger;
}

/** An event and the endpoints that receive it. */
export interface AddressedEvent {
  event: WebhookEvent;
  endpoints: readonly Subscribed[];
}

/** An endpoint that is subscribed to a type of event. */
export interface Subscribed {
  endpointId: string;
  disabled: boolean;
  rateLimitPerSecond: number | null;
}

/**
 * Writes a delivery for every endpoint that receives one of the events, with a job while the endpoint's window has
 * room. Takes no lock on endpoints: one that is disabled or deleted this moment is seen to when the job is loaded.
 * Answers how many deliveries each event got, by event id.
 */
export async function fanOut(
  tx: Transaction,
  queue: Queue,
  window: EndpointWindow,
  events: readonly WebhookEvent[],
): Promise<Map<string, number>> {
  const subscribed = await findSubscribed(tx, events);
  const addressed = events.map((event) => ({ event, endpoints: subscribed(event) }));
  await changeHeldCounts(tx, await writeDeliveries(tx, queue, window, addressed));
  return new Map(addressed.map(({ event, endpoints }) => [event.id, endpoints.length]));
}

/** Writes a delivery of each event to each of its endpoints. Answers what is held, which the caller has to count. */
export async function writeDeliveries(
  tx: Transaction,
  queue: Queue,
  window: EndpointWindow,
  addressed: readonly AddressedEvent[],
): Promise<HeldChange[]> {
  const deliveries: NewDelivery[] = [];
  const rateLimits = new Map<string, number | null>();
  for (const { event, endpoints } of addressed) {
    for (const { endpointId, disabled, rateLimitPerSecond } of endpoints) {
      rateLimits.set(endpointId, rateLimitPerSecond);
      deliveries.push({
        event,
        id: newId(event.createdAt.getTime()),
        endpointId,
        status: disabled ? DeliveryStatus.HELD : DeliveryStatus.PENDING,
        jobId: null,
        trigger: AttemptTrigger.SCHEDULED,
      });
    }
  }
  const jobs = enqueue(deliveries, window, rateLimits);
  await insertDeliveries(tx, deliveries);
  await queue.insert(tx, jobs);
  return deliveries.filter(isHeld).map(toHeldChange);
}

function isHeld({ status }: NewDelivery): boolean {
  return status === DeliveryStatus.HELD;
}

function toHeldChange({ event, endpointId }: NewDelivery): HeldChange {
  return { accountId: event.accountId, endpointId, count: 1 };
}

export async function insertDeliveries(tx: Executor, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  await tx.query(INSERT_DELIVERIES, [
    deliveries.map(({ event }) => event.accountId),
    deliveries.map(({ id }) => id),
    deliveries.map(({ event }) => event.id),
    deliveries.map(({ event }) => event.type),
    deliveries.map(({ endpointId }) => endpointId),
    deliveries.map(({ event }) => event.livemode),
    deliveries.map(({ status }) => status),
    deliveries.map(({ jobId }) => jobId),
    deliveries.map(({ trigger }) => trigger),
    deliveries.map(({ event }) => event.createdAt),
  ]);
}

type TypeOfAccount = Pick<WebhookEvent, 'accountId' | 'type'>;

/** Looks up, once for each account and type, which endpoints receive it. */
export async function findSubscribed(
  tx: Executor,
  events: readonly TypeOfAccount[],
): Promise<(event: TypeOfAccount) => readonly Subscribed[]> {
  const keyOf = ({ accountId, type }: TypeOfAccount) => `${accountId}\n${type}`;
  const wanted = [...new Map(events.map((event) => [keyOf(event), event])).values()];
  const found = new Map<string, Subscribed[]>(wanted.map((event) => [keyOf(event), []]));
  const rows = await tx.query<Subscribed & { index: number }>(FIND_SUBSCRIBED, [
    wanted.map(({ accountId }) => accountId),
    wanted.map(({ type }) => patternsOf(type).join(' ')),
  ]);
  for (const { index, ...one } of rows) found.get(keyOf(wanted[index]!))!.push(one);
  return (event) => found.get(keyOf(event))!;
}

/**
 * Gives jobs to the deliveries that the windows admit. They stand in the queue as they were published, event by event: so
 * endpoints take turns, and none waits until another has had all of its own.
 */
function enqueue(
  deliveries: readonly NewDelivery[],
  window: EndpointWindow,
  rateLimits: ReadonlyMap<string, number | null>,
): NewJob[] {
  const due = deliveries.filter(({ status }) => status === DeliveryStatus.PENDING);
  const admitted = new Map<string, number>();
  for (const [endpointId, those] of Map.groupBy(due, (delivery) => delivery.endpointId)) {
    const { accountId } = those[0]!.event;
    admitted.set(endpointId, window.admit({ accountId, endpointId }, those.length, rateLimits.get(endpointId)));
  }
  const queued = new Map<string, number>();
  return due.flatMap((delivery): NewJob[] => {
    const { event, endpointId } = delivery;
    const index = queued.get(endpointId) ?? 0;
    if (index >= admitted.get(endpointId)!) return [];
    queued.set(endpointId, index + 1);
    delivery.jobId = newId(event.createdAt.getTime());
    const lane = index < FRESH_PER_ENDPOINT ? Lane.Fresh : Lane.Bulk;
    return [{ id: delivery.jobId, accountId: event.accountId, deliveryId: delivery.id, endpointId, lane }];
  });
}
