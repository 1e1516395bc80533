import type { Notice } from '../deliveries/announce.js';
import { DeliveryStatus } from '../deliveries/delivery-status.js';
import type { LockedDelivery } from '../deliveries/locked-deliveries.js';
import type { EndpointKey } from '../endpoints/endpoint-key.js';
import type { HealthChanges } from '../endpoints/update-health.js';
import { isNotification, NotificationType } from '../events/notification-type.js';

/** What a settlement changed that an account may want to know. */
export interface Changes {
  before: ReadonlyMap<string, LockedDelivery>;
  after: ReadonlyMap<string, LockedDelivery>;
  health: HealthChanges;
  /** Endpoints that were disabled because they answered something else than a notification with 410. */
  gone: readonly EndpointKey[];
}

/** The notices of a settlement: nothing of what test events or notifications brought about. */
export function noticesOf({ before, after, health, gone }: Changes): Notice[] {
  const failed = [...after.values()].filter(
    ({ id, status, livemode, eventType }) =>
      status === DeliveryStatus.FAILED &&
      before.get(id)!.status !== DeliveryStatus.FAILED &&
      livemode &&
      !isNotification(eventType),
  );
  return [
    ...failed.map(({ id, ...delivery }) => notice(NotificationType.DELIVERY_FAILED, delivery, id)),
    ...health.recovered.map((endpoint) => notice(NotificationType.ENDPOINT_RECOVERED, endpoint)),
    ...health.failing.map((endpoint) => notice(NotificationType.ENDPOINT_FAILING, endpoint)),
    ...gone.map((endpoint) => notice(NotificationType.ENDPOINT_DISABLED, endpoint)),
  ];
}

function notice(
  type: NotificationType,
  { accountId, endpointId }: EndpointKey,
  deliveryId: string | null = null,
): Notice {
  return { type, accountId, endpointId, deliveryId };
}
