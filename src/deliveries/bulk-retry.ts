import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Node } from '../node.js';
import { DateTimeScalar } from '../scalars.js';

/** How far a bulk retry has come. */
export enum BulkRetryStatus {
  /** Some of what matched has not been dealt with yet: it stands in `bulk_retry_chunks`. */
  RUNNING = 'RUNNING',
  /** All of what matched has been dealt with. */
  COMPLETED = 'COMPLETED',
  /** Somebody called it off. What was queued by then is attempted all the same. */
  CANCELED = 'CANCELED',
}

registerEnumType(BulkRetryStatus, {
  name: 'BulkRetryStatus',
  description: 'How far a bulk retry has come.',
  valuesConfig: {
    RUNNING: { description: 'Deliveries are being queued.' },
    COMPLETED: { description: 'All that matched have been dealt with. The last attempts may still be under way.' },
    CANCELED: { description: '`cancelBulkRetry`: no more are queued. Those that were are attempted all the same.' },
  },
});

/** One more attempt for many deliveries, queued in the background. */
@Entity('bulk_retries')
@ObjectType({ implements: Node, description: 'One more attempt for many deliveries, queued in the background.' })
export class BulkRetry extends Node {
  @PrimaryColumn('text')
  accountId: string;

  @PrimaryColumn('uuid')
  id: string;

  @Field(() => BulkRetryStatus, { description: 'How far it has come.' })
  @Column('text')
  status: BulkRetryStatus;

  @Field(() => Int, { description: 'How many deliveries matched at the start.' })
  @Column('integer')
  total: number;

  @Field(() => Int, {
    description:
      'How many of these have been dealt with. Those of disabled endpoints, test events and those under way are passed over, and counted.',
  })
  @Column('integer')
  queued: number;

  @Field(() => Int, { description: 'How many of those dealt with were passed over: no attempt was queued for them.' })
  @Column('integer')
  passedOver: number;

  @Field(() => DateTimeScalar, { description: 'When it was asked for.' })
  @Column({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was over; null while RUNNING.' })
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  completedAt: Date | null;

  protected override get idPrefix() {
    return 'blk' as const;
  }
}
