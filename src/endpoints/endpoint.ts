import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Node } from '../node.js';
import { DateTimeScalar, UrlScalar } from '../scalars.js';

/** What the product's own signature header looks like. */
export enum SignatureFormat {
  SHA256 = 'SHA256',
  TIMESTAMPED = 'TIMESTAMPED',
}

registerEnumType(SignatureFormat, {
  name: 'SignatureFormat',
  description: 'What the signature header looks like. The headers of Standard Webhooks are sent beside it, always.',
  valuesConfig: {
    SHA256: { description: '`sha256=<hex of HMAC-SHA256(secret, body)>`.' },
    TIMESTAMPED: {
      description: '`t=<unix seconds>,v1=<hex of HMAC-SHA256(secret, "<t>.<body>")>`, which also dates the request.',
    },
  },
});

/** Why an endpoint is disabled. */
export enum DisabledReason {
  /** A person switched it off. */
  MANUAL = 'MANUAL',
  /** Every delivery failed for longer than the operator allows. */
  FAILING_TOO_LONG = 'FAILING_TOO_LONG',
  /** It answered 410. */
  GONE = 'GONE',
}

registerEnumType(DisabledReason, {
  name: 'DisabledReason',
  description: 'Why an endpoint is disabled.',
  valuesConfig: {
    MANUAL: { description: '`disableEndpoint`: somebody switched it off.' },
    FAILING_TOO_LONG: { description: 'Every delivery failed for longer than the operator allows.' },
    GONE: { description: 'It answered 410 Gone.' },
  },
});

/** A header of an endpoint's own as it is stored: the value of a secret one is encrypted. */
export type StoredHeader =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly encryptedValue: string };

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

  @Field(() => [String], {
    description: 'What it is subscribed to: event types, and prefixes such as `invoice.*`. Empty when `allEvents`.',
  })
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

  @Field(() => SignatureFormat, { description: 'What the signature header of its requests looks like.' })
  @Column('text')
  signatureFormat: SignatureFormat;

  @Column('json')
  headers: StoredHeader[];

  @Field(() => Int, { nullable: true, description: 'Attempts started per second, at most; null for no limit.' })
  @Column('integer', { nullable: true })
  rateLimitPerSecond: number | null;

  /** Null: the service's own. */
  @Column('double precision', { array: true, nullable: true })
  retryScheduleSeconds: number[] | null;

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

  @Field(() => DisabledReason, { nullable: true, description: 'Why it is disabled; null while enabled.' })
  @Column('text', { nullable: true })
  disabledReason: DisabledReason | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  deletedAt: Date | null;

  protected override get idPrefix() {
    return 'ep' as const;
  }
}
