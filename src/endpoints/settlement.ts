import type { EndpointKey } from './endpoint-key.js';

/** What a settled attempt means for its endpoint. Test events are not among them. */
export interface Settlement extends EndpointKey {
  deliveryId: string;
  /** Whether it was a notification of the service itself. */
  isNotification: boolean;
  /** Whether the endpoint answered 2xx. */
  succeeded: boolean;
  startedAt: Date;
  finishedAt: Date;
  /** Null when no response arrived. */
  responseTimeMs: number | null;
  /** Whether the delivery reached its end with this attempt, and when it had failed before, if it had. */
  completed: { succeeded: boolean; failedBeforeAt: Date | null } | null;
}
