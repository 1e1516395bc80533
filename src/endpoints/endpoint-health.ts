import { registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { WebhookEndpoint } from './endpoint.js';

/** How an endpoint is doing. Derived from facts, never stored. */
export enum EndpointStatus {
  ACTIVE = 'ACTIVE',
  FAILING = 'FAILING',
  DISABLED = 'DISABLED',
}

registerEnumType(EndpointStatus, {
  name: 'EndpointStatus',
  description: 'How an endpoint is doing.',
  valuesConfig: {
    ACTIVE: { description: 'Events are delivered.' },
    FAILING: {
      description: 'Since its last success a delivery has used up its retries, or five attempts in a row have failed.',
    },
    DISABLED: { description: 'It is switched off.' },
  },
});

/** So many failures in a row make an endpoint `FAILING`. */
export const FAILURES_UNTIL_FAILING = 5;

/** What attempts have shown about an endpoint since its last success. No row: nothing has failed. */
@Entity('endpoint_health')
export class EndpointHealth {
  @PrimaryColumn('text')
  accountId: string;

  @PrimaryColumn('uuid')
  endpointId: string;

  @Column('integer')
  consecutiveFailures: number;

  /** When the first attempt of the present run of failures was made. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  failingSince: Date | null;

  /** When the last attempt of that run came to its end. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  lastFailedAt: Date | null;

  /** When a delivery last used up its retries. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  exhaustedAt: Date | null;

  /** Since when the account is taken to know that it is FAILING; null once it recovered. Notifications do not count. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  failingNotedAt: Date | null;
}

export function endpointStatus(
  endpoint: Pick<WebhookEndpoint, 'disabledAt'>,
  health: Pick<EndpointHealth, 'consecutiveFailures' | 'exhaustedAt'> | null,
): EndpointStatus {
  if (endpoint.disabledAt) return EndpointStatus.DISABLED;
  if (health && (health.exhaustedAt || health.consecutiveFailures >= FAILURES_UNTIL_FAILING)) {
    return EndpointStatus.FAILING;
  }
  return EndpointStatus.ACTIVE;
}

/** The same in SQL, of the tables `endpoints` as `endpoint` and, left-joined, `endpoint_health` as `health`. */
export const ENDPOINT_STATUS_SQL = `
  case when endpoint.disabled_at is not null then '${EndpointStatus.DISABLED}'
       when health.exhausted_at is not null or health.consecutive_failures >= ${FAILURES_UNTIL_FAILING}
         then '${EndpointStatus.FAILING}'
       else '${EndpointStatus.ACTIVE}' end`;
