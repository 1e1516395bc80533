import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { eventTypes } from '../events/catalog.js';
import { Node } from '../node.js';
import { DateTimeScalar, UrlScalar } from '../scalars.js';

/** Where a customer wants to be told, of what, and the secret that the two share. */
@Entity('endpoints')
@ObjectType({ implements: Node, description: 'A URL that is told of events, and everything about telling it.' })
export class WebhookEndpoint extends Node {
  @PrimaryColumn('text')
  accountId: string;

  @PrimaryColumn('uuid')
  id: string;

  @Field(() => UrlScalar, { description: 'Where events are sent, in its normal form.' })
  @Column('text')
  url: string;

  @Field(() => String, { nullable: true, description: 'A note for people.' })
  @Column('text', { nullable: true })
  description: string | null;

  @Field(() => Boolean, {
    description: 'True: it receives every event type, present and future. False: those in `eventTypes`.',
  })
  @Column('boolean')
  allEvents: boolean;

  @Field(() => [String], { description: 'The event types it is subscribed to; empty when `allEvents`.' })
  @Column('text', { array: true })
  eventTypes: string[];

  @Column('text')
  encryptedSigningSecret: string;

  @Column('text', { nullable: true })
  encryptedPreviousSigningSecret: string | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  previousSecretExpiresAt: Date | null;

  @Field(() => String, {
    description: 'The last characters of the signing secret. Create, rotate and reveal return the secret itself.',
  })
  @Column('text')
  signingSecretHint: string;

  @Field(() => Int, {
    description:
      'Rises by one with each change that a person makes. Send it with an update to be sure of what you change.',
  })
  @Column('integer')
  version: number;

  @Field(() => DateTimeScalar, { description: 'When it was created.' })
  @Column({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @Field(() => DateTimeScalar, { description: 'When a person last changed it.' })
  @Column({ type: 'timestamptz', precision: 3 })
  updatedAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Since when it is disabled; null while enabled.' })
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  disabledAt: Date | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  deletedAt: Date | null;

  protected override get idPrefix() {
    return 'ep' as const;
  }

  @Field(() => Int, { description: "How many event types it receives: the catalog's size when `allEvents`." })
  get eventTypeCount(): number {
    return this.allEvents ? eventTypes.length : this.eventTypes.length;
  }
}
