import { findEndpoint, writeEndpoint } from '../endpoints/change-endpoint.js';
import { disableFailing } from '../endpoints/disable-endpoints.js';
import { DisabledReason, type WebhookEndpoint } from '../endpoints/endpoint.js';
import type { EndpointKey } from '../endpoints/endpoint-key.js';
import { changeHeldCounts } from '../endpoints/held-count.js';
import { forgetFailures } from '../endpoints/update-health.js';
import { NotificationType } from '../events/notification-type.js';
import type { Log } from '../log.js';
import { Refusal } from '../refusal.js';
import type { Clock } from '../storage/clock.js';
import type { Database, Transaction } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { idFields } from '../storage/log-fields.js';
import type { Queue } from '../storage/queue.js';
import { type AnnounceOptions, announce } from './announce.js';
import { countQueued, type EndpointWindow } from './endpoint-window.js';
import { markHeld, releaseSome } from './hold.js';
import { topUp } from './top-up.js';

export interface SwitchOptions {
  database: Database;
  queue: Queue;
  doorbell: Doorbell;
  window: EndpointWindow;
  clock: Clock;
  log: Log;
}

/** So many deliveries are held or released before the caller is answered; the rest follow in the background. */
const AT_ONCE = 1_000;

/** Switches an endpoint off: what is open is held from here on. One that is off already is answered as it is. */
export async function disableEndpoint(
  options: SwitchOptions,
  accountId: string,
  id: string | null,
): Promise<WebhookEndpoint | Refusal> {
  let announced = false;
  const result = await change(options, accountId, id, async (tx, endpoint, now) => {
    if (endpoint.disabledAt) return null;
    const key = { accountId, endpointId: endpoint.id };
    const reason = DisabledReason.MANUAL;
    Object.assign(endpoint, { disabledAt: now, disabledReason: reason });
    await writeEndpoint(tx, endpoint, now);
    const held = await markHeld(tx, key, AT_ONCE, now);
    const notices = await announceDisabled(tx, options, [key]);
    await changeHeldCounts(tx, [{ ...key, count: held }, ...notices.held]);
    announced = notices.any;
    return { did: 'endpoint disabled', fields: { reason, held } };
  });
  if (announced) options.doorbell.ring('due');
  return result;
}

/** Switches off the endpoints on which every attempt has failed for so long. What is open is held in the background. */
export async function disableFailingEndpoints(options: SwitchOptions, afterMs: number): Promise<EndpointKey[]> {
  const { database, doorbell, clock } = options;
  const { disabled, announced } = await database.transaction(async (tx) => {
    const disabled = await disableFailing(tx, afterMs, new Date(clock.now()));
    const { any: announced, held } = await announceDisabled(tx, options, disabled);
    await changeHeldCounts(tx, held);
    return { disabled, announced };
  });
  if (disabled.length > 0) doorbell.ring('changed');
  if (announced) doorbell.ring('due');
  return disabled;
}

function announceDisabled(tx: Transaction, options: AnnounceOptions, endpoints: readonly EndpointKey[]) {
  const type = NotificationType.ENDPOINT_DISABLED;
  return announce(
    tx,
    options,
    endpoints.map((endpoint) => ({ type, ...endpoint, deliveryId: null })),
  );
}

/** Switches an endpoint on: what was held is delivered, the longest due first. One that is on is answered as it is. */
export async function enableEndpoint(
  options: SwitchOptions,
  accountId: string,
  id: string | null,
): Promise<WebhookEndpoint | Refusal> {
  const { queue, window, doorbell } = options;
  const result = await change(options, accountId, id, async (tx, endpoint, now) => {
    if (!endpoint.disabledAt) return null;
    const key = { accountId, endpointId: endpoint.id };
    Object.assign(endpoint, { disabledAt: null, disabledReason: null });
    await writeEndpoint(tx, endpoint, now);
    // Health before held counts, as everywhere.
    await forgetFailures(tx, [key]);
    const released = await releaseSome(tx, key, AT_ONCE, now);
    const room = window.sizeFor(endpoint.rateLimitPerSecond) - (await countQueued(tx, key, now));
    const taken = room > 0 ? await topUp(tx, queue, [{ ...key, room }], now) : new Map<string, number>();
    // What is published from now on comes after what waits.
    if (released > (taken.get(endpoint.id) ?? 0)) window.markWaiting(key);
    return { did: 'endpoint enabled', fields: { released } };
  });
  doorbell.ring('due');
  return result;
}

/** What there is to say of it, once it is committed. */
interface Switched {
  did: string;
  fields: object;
}

async function change(
  { database, doorbell, clock, log }: SwitchOptions,
  accountId: string,
  id: string | null,
  work: (tx: Transaction, endpoint: WebhookEndpoint, now: Date) => Promise<Switched | null>,
): Promise<WebhookEndpoint | Refusal> {
  const { endpoint, switched } = await database.transaction(async (tx) => {
    const endpoint = await findEndpoint(tx, { accountId, id, field: ['id'] }, { lock: true });
    if (endpoint instanceof Refusal) return { endpoint, switched: null };
    return { endpoint, switched: await work(tx, endpoint, new Date(clock.now())) };
  });
  if (switched && id !== null) {
    log.info({ ...idFields({ accountId, endpointId: id }), ...switched.fields }, switched.did);
  }
  doorbell.ring('changed');
  return endpoint;
}
