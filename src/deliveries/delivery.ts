import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Node } from '../node.js';
import { DateTimeScalar } from '../scalars.js';
import type { AttemptTrigger } from './attempt.js';
import { DeliveryStatus } from './delivery-status.js';

/** One event on its way to one endpoint, over all its attempts. */
@Entity('deliveries')
@ObjectType({ implements: Node, description: 'One event on its way to one endpoint, over all its attempts.' })
export class Delivery extends Node {
  @PrimaryColumn('text')
  accountId: string;

  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  eventId: string;

  @Field(() => String, { description: "The event's type." })
  @Column('text')
  eventType: string;

  @Column('uuid')
  endpointId: string;

  @Column('boolean')
  livemode: boolean;

  @Field(() => DeliveryStatus, { description: 'Where it is in its life.' })
  @Column('text')
  status: DeliveryStatus;

  @Field(() => Int, { description: 'How many attempts have been made.' })
  @Column('integer')
  attemptCount: number;

  /** How many of them count for the retry schedule. */
  @Column('integer')
  scheduledAttemptCount: number;

  /** When the next scheduled attempt is due; kept while held. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true, name: 'next_attempt_at' })
  dueAt: Date | null;

  /** The one job that may act on this delivery; any other is stale. Null: none is queued. */
  @Column('uuid', { nullable: true })
  jobId: string | null;

  /** What that job is for. */
  @Column('text', { nullable: true })
  jobTrigger: AttemptTrigger | null;

  @Field(() => Int, {
    description: 'Rises with each change, so that a client can drop an update older than what it shows.',
  })
  @Column('integer')
  version: number;

  @Field(() => DateTimeScalar, { description: 'When the event was published.' })
  @Column({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @Field(() => DateTimeScalar, { description: 'When it last changed.' })
  @Column({ type: 'timestamptz', precision: 3 })
  updatedAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it reached SUCCEEDED or FAILED; null before.' })
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  completedAt: Date | null;

  protected override get idPrefix() {
    return 'dlv' as const;
  }

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the next attempt is due; null when none is.' })
  get nextAttemptAt(): Date | null {
    return this.status === DeliveryStatus.HELD ? null : this.dueAt;
  }
}
