import { toTypeId } from './ids.js';

interface Ids {
  accountId: string;
  eventId?: string;
  endpointId?: string;
  deliveryId?: string;
  bulkRetryId?: string;
}

/** Whose and which, for a line of the log: in the form in which the API shows ids, so that one can be looked for in both. */
export function idFields({ accountId, eventId, endpointId, deliveryId, bulkRetryId }: Ids): Partial<Ids> {
  return {
    accountId,
    ...(eventId !== undefined && { eventId: toTypeId('evt', eventId) }),
    ...(endpointId !== undefined && { endpointId: toTypeId('ep', endpointId) }),
    ...(deliveryId !== undefined && { deliveryId: toTypeId('dlv', deliveryId) }),
    ...(bulkRetryId !== undefined && { bulkRetryId: toTypeId('blk', bulkRetryId) }),
  };
}
