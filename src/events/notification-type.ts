/** The types of event that the service publishes itself, about its own work for an account. */
export enum NotificationType {
  /** An endpoint went from ACTIVE to FAILING. */
  ENDPOINT_FAILING = 'endpoint.failing',
  /** A success made it ACTIVE again. */
  ENDPOINT_RECOVERED = 'endpoint.recovered',
  /** A person or the service switched it off. */
  ENDPOINT_DISABLED = 'endpoint.disabled',
  /** A delivery came to its end as FAILED. */
  DELIVERY_FAILED = 'delivery.failed',
}

const types: ReadonlySet<string> = new Set(Object.values(NotificationType));

/** Whether events of this type come from the service itself. What becomes of their deliveries is never announced. */
export function isNotification(type: string): boolean {
  return types.has(type);
}
