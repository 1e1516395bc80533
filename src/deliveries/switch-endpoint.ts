import { findEndpoint, writeEndpoint } from '../endpoints/change-endpoint.js';
import { DisabledReason, type WebhookEndpoint } from '../endpoints/endpoint.js';
import { forgetFailures } from '../endpoints/update-health.js';
import { Refusal } from '../refusal.js';
import type { Clock } from '../storage/clock.js';
import type { Database, Transaction } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import type { Queue } from '../storage/queue.js';
import { countQueued, type EndpointWindow } from './endpoint-window.js';
import { holdSome, releaseSome } from './hold.js';
import { topUp } from './top-up.js';

export interface SwitchOptions {
  database: Database;
  queue: Queue;
  doorbell: Doorbell;
  window: EndpointWindow;
  clock: Clock;
}

/** So many deliveries are held or released before the caller is answered; the rest follow in the background. */
const AT_ONCE = 1_000;

/** Switches an endpoint off: what is open is held from here on. One that is off already is answered as it is. */
export async function disableEndpoint(
  options: SwitchOptions,
  accountId: string,
  id: string | null,
): Promise<WebhookEndpoint | Refusal> {
  return change(options, accountId, id, async (tx, endpoint, now) => {
    if (endpoint.disabledAt) return;
    Object.assign(endpoint, { disabledAt: now, disabledReason: DisabledReason.MANUAL });
    await writeEndpoint(tx, endpoint, now);
    await holdSome(tx, { accountId, endpointId: endpoint.id }, AT_ONCE, now);
  });
}

/** Switches an endpoint on: what was held is delivered, the longest due first. One that is on is answered as it is. */
export async function enableEndpoint(
  options: SwitchOptions,
  accountId: string,
  id: string | null,
): Promise<WebhookEndpoint | Refusal> {
  const { queue, window, doorbell } = options;
  const result = await change(options, accountId, id, async (tx, endpoint, now) => {
    if (!endpoint.disabledAt) return;
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
  });
  doorbell.ring('due');
  return result;
}

async function change(
  { database, doorbell, clock }: SwitchOptions,
  accountId: string,
  id: string | null,
  work: (tx: Transaction, endpoint: WebhookEndpoint, now: Date) => Promise<void>,
): Promise<WebhookEndpoint | Refusal> {
  const result = await database.transaction(async (tx) => {
    const endpoint = await findEndpoint(tx, { accountId, id, field: ['id'] }, { lock: true });
    if (!(endpoint instanceof Refusal)) await work(tx, endpoint, new Date(clock.now()));
    return endpoint;
  });
  doorbell.ring('changed');
  return result;
}
