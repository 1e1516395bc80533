import { AttemptTrigger } from '../deliveries/attempt.js';
import type { Delivery } from '../deliveries/delivery.js';
import { DeliveryStatus, isFinal } from '../deliveries/delivery-status.js';
import { insertDeliveries } from '../deliveries/fan-out.js';
import { readDeliveries } from '../deliveries/read-deliveries.js';
import { readEndpoints } from '../endpoints/list-endpoints.js';
import type { CatalogCopy } from '../events/catalog-copy.js';
import { composeEvent } from '../events/compose-event.js';
import type { WebhookEvent } from '../events/event.js';
import { insertEvents } from '../events/insert-events.js';
import { Refusal, refuse, UserErrorCode } from '../refusal.js';
import type { Database } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { newId } from '../storage/ids.js';
import { Lane, type Queue } from '../storage/queue.js';
import { checkData, checkType, type InputLimits } from './publish-input.js';
import { PublishRecord, type RecordOptions } from './record-publish.js';

export interface TestEventOptions extends RecordOptions {
  database: Database;
  queue: Queue;
  doorbell: Doorbell;
  catalog: CatalogCopy;
  limits: InputLimits;
  attemptTimeoutMs: number;
}

export interface TestEventInput {
  /** Null: an id that is malformed. */
  endpointId: string | null;
  type: string;
  /** Null or undefined: the type's sample data. */
  data?: unknown;
}

/** How much longer than one attempt the answer may take. */
const GRACE_MS = 5_000;
const LOOK_AGAIN_MS = 1_000;

/**
 * Sends an event to one endpoint, whatever it is subscribed to and whether or not it is enabled, and waits for what
 * comes of it. Dispatchers send it like any other; this process only watches.
 */
export async function sendTestEvent(
  options: TestEventOptions,
  accountId: string,
  input: TestEventInput,
  traceParent?: string,
): Promise<Delivery | Refusal> {
  const record = new PublishRecord(options, { accountId, eventCount: 1, isTest: true, traceParent });
  const queued = await queueTestEvent(options, accountId, input, record.traceParent).catch((error) => {
    record.fail();
    throw error;
  });
  const isRefused = queued instanceof Refusal;
  record.end(isRefused ? queued : [{ event: queued.event, deliveryCount: 1, duplicate: false }]);
  return isRefused ? queued : awaitResult(options, queued);
}

async function queueTestEvent(
  { database, queue, doorbell, clock, limits, ...options }: TestEventOptions,
  accountId: string,
  { endpointId, type, data }: TestEventInput,
  traceParent: string | null,
): Promise<{ accountId: string; id: string; event: WebhookEvent } | Refusal> {
  const catalog = await options.catalog.including([type]);
  const unknownType = checkType(catalog, type, ['input', 'type']);
  if (unknownType) return unknownType;
  const serialised = checkData(data ?? catalog.named(type)!.sampleData, limits, ['input', 'data']);
  if (serialised instanceof Refusal) return serialised;
  const [endpoint] = endpointId ? await readEndpoints(database, accountId, [endpointId]) : [];
  if (!endpoint) return refuse(UserErrorCode.NOT_FOUND, 'There is no such endpoint.', ['input', 'endpointId']);
  const at = new Date(clock.now());
  const event = composeEvent({ accountId, type, data: serialised, livemode: false, at, traceParent });
  const id = newId(at.getTime());
  const jobId = newId(at.getTime());
  await database.transaction(async (tx) => {
    await insertEvents(tx, [event]);
    await insertDeliveries(tx, [
      {
        event,
        id,
        endpointId: endpoint.id,
        status: DeliveryStatus.PENDING,
        jobId,
        trigger: AttemptTrigger.TEST,
      },
    ]);
    const job = { id: jobId, accountId, deliveryId: id, endpointId: endpoint.id, lane: Lane.Fresh, isTest: true };
    await queue.insert(tx, [job]);
  });
  doorbell.ring('due');
  doorbell.ring('changed');
  return { accountId, id, event };
}

/** The delivery once it is final, or as it stands when that takes too long. */
async function awaitResult(
  { database, doorbell, attemptTimeoutMs }: TestEventOptions,
  { accountId, id }: { accountId: string; id: string },
): Promise<Delivery | Refusal> {
  const deadline = performance.now() + attemptTimeoutMs + GRACE_MS;
  for (;;) {
    using settled = nextRing(doorbell, LOOK_AGAIN_MS);
    const [delivery] = await readDeliveries(database, accountId, [id]);
    if (!delivery) {
      const message = 'The endpoint was deleted while the test event was on its way.';
      return refuse(UserErrorCode.NOT_FOUND, message, ['input', 'endpointId']);
    }
    if (isFinal(delivery.status) || performance.now() > deadline) return delivery;
    await settled.heard;
  }
}

/** Listens from now on, for so long at most. */
function nextRing(doorbell: Doorbell, timeoutMs: number): Disposable & { heard: Promise<void> } {
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  const unsubscribe = doorbell.on('settled', resolve);
  return {
    heard,
    [Symbol.dispose]() {
      clearTimeout(timer);
      unsubscribe();
    },
  };
}
