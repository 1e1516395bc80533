import { registerEnumType } from 'type-graphql';

/** Where a delivery is in its life; the moves are in `MOVES`. */
export enum DeliveryStatus {
  /** Its first attempt is queued or running. */
  PENDING = 'PENDING',
  /** An attempt failed; the next has a due time. */
  RETRYING = 'RETRYING',
  /** The endpoint is disabled: nothing is sent until it is enabled again. */
  HELD = 'HELD',
  /** The endpoint answered 2xx. */
  SUCCEEDED = 'SUCCEEDED',
  /** The schedule is used up, or a test event failed. */
  FAILED = 'FAILED',
}

registerEnumType(DeliveryStatus, {
  name: 'DeliveryStatus',
  description: 'Where a delivery is in its life.',
  valuesConfig: {
    PENDING: { description: 'Its first attempt is queued or running.' },
    RETRYING: { description: 'An attempt failed; the next is due at `nextAttemptAt`.' },
    HELD: { description: 'The endpoint is disabled; nothing is sent until it is enabled.' },
    SUCCEEDED: { description: 'The endpoint answered 2xx.' },
    FAILED: { description: 'The retry schedule is used up, or a test event failed.' },
  },
});

/** Every move from one status to another. A status may always stay as it is. */
export const MOVES: Readonly<Record<DeliveryStatus, readonly DeliveryStatus[]>> = {
  [DeliveryStatus.PENDING]: [
    DeliveryStatus.SUCCEEDED,
    DeliveryStatus.RETRYING,
    DeliveryStatus.FAILED,
    DeliveryStatus.HELD,
  ],
  [DeliveryStatus.RETRYING]: [DeliveryStatus.SUCCEEDED, DeliveryStatus.FAILED, DeliveryStatus.HELD],
  [DeliveryStatus.HELD]: [
    DeliveryStatus.PENDING,
    DeliveryStatus.RETRYING,
    DeliveryStatus.SUCCEEDED,
    DeliveryStatus.FAILED,
  ],
  [DeliveryStatus.FAILED]: [DeliveryStatus.SUCCEEDED],
  [DeliveryStatus.SUCCEEDED]: [],
};

/** Succeeded or failed: nothing more happens by itself. */
export function isFinal(status: DeliveryStatus): boolean {
  return status === DeliveryStatus.SUCCEEDED || status === DeliveryStatus.FAILED;
}
