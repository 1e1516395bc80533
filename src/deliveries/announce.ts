import type { EndpointKey } from '../endpoints/endpoint-key.js';
import type { HeldChange } from '../endpoints/held-count.js';
import { composeEvent } from '../events/compose-event.js';
import { type SerialisedData, serialiseData } from '../events/envelope.js';
import { insertEvents } from '../events/insert-events.js';
import type { NotificationType } from '../events/notification-type.js';
import type { Clock } from '../storage/clock.js';
import type { Transaction } from '../storage/database.js';
import type { Queue } from '../storage/queue.js';
import { describeSubjects } from './describe-subjects.js';
import type { EndpointWindow } from './endpoint-window.js';
import { findSubscribed, type Subscribed, writeDeliveries } from './fan-out.js';

/** Something that happened to an endpoint, or to a delivery to it, and that its account may want to know. */
export interface Notice extends EndpointKey {
  type: NotificationType;
  /** Null: it is the endpoint that the notice is about. */
  deliveryId: string | null;
}

export interface AnnounceOptions {
  queue: Queue;
  window: EndpointWindow;
  clock: Clock;
}

/** What announcing left for the caller to do. */
export interface Announced {
  /** Whether anything was published: ring for those who deliver it. */
  any: boolean;
  /** To count with whatever else this transaction holds and releases. */
  held: HeldChange[];
}

/**
 * Publishes notices as events, in the transaction of the changes that they tell of and after them, to all that are
 * subscribed but the endpoint that a notice is about. What nobody else would receive becomes no event.
 *
 * Never hand in what deliveries of such events brought about: two endpoints that fail would tell each other for ever.
 */
export async function announce(
  tx: Transaction,
  { queue, window, clock }: AnnounceOptions,
  notices: readonly Notice[],
): Promise<Announced> {
  const addressed = await addressNotices(tx, notices);
  if (addressed.length === 0) return { any: false, held: [] };
  const describe = await describeSubjects(
    tx,
    addressed.map(({ notice }) => notice),
  );
  // Whoever changed the same before has committed by now: notices are dated in the order of the changes.
  const at = new Date(clock.now());
  const composed = addressed.flatMap(({ notice, endpoints }) => {
    const subject = describe(notice);
    if (!subject) return [];
    const { accountId, type } = notice;
    // A few short texts: neither too deep nor too large.
    const data = serialiseData(subject) as SerialisedData;
    return [{ event: composeEvent({ accountId, type, data, livemode: true, at }), endpoints }];
  });
  await insertEvents(
    tx,
    composed.map(({ event }) => event),
  );
  return { any: composed.length > 0, held: await writeDeliveries(tx, queue, window, composed) };
}

/** The notices that somebody receives, and who. */
async function addressNotices(
  tx: Transaction,
  notices: readonly Notice[],
): Promise<{ notice: Notice; endpoints: Subscribed[] }[]> {
  if (notices.length === 0) return [];
  const subscribed = await findSubscribed(tx, notices);
  return notices
    .map((notice) => ({
      notice,
      endpoints: subscribed(notice).filter(({ endpointId }) => endpointId !== notice.endpointId),
    }))
    .filter(({ endpoints }) => endpoints.length > 0);
}
