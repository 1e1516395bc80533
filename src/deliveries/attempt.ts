import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { HttpHeader, loggedHeaders } from '../endpoints/http-header.js';
import { Node } from '../node.js';
import { DateTimeScalar } from '../scalars.js';
import { AttemptOutcome } from './attempt-outcome.js';

/** Who asked for an attempt. */
export enum AttemptTrigger {
  /** The first attempt, or one of the retry schedule's. */
  SCHEDULED = 'SCHEDULED',
  /** A person who asked for one more. */
  MANUAL = 'MANUAL',
  /** A person who sent a test event. */
  TEST = 'TEST',
}

registerEnumType(AttemptTrigger, {
  name: 'AttemptTrigger',
  description: 'Who asked for an attempt.',
  valuesConfig: {
    SCHEDULED: { description: 'The first attempt, or one of the retry schedule.' },
    MANUAL: { description: '`retryDelivery`: one more, outside the schedule.' },
    TEST: { description: '`sendTestEvent`.' },
  },
});

registerEnumType(AttemptOutcome, {
  name: 'AttemptOutcome',
  description: 'What an attempt came to.',
  valuesConfig: {
    SUCCEEDED: { description: 'The endpoint answered 2xx.' },
    HTTP_ERROR: { description: 'The endpoint answered with another status code.' },
    REDIRECT: { description: 'The endpoint answered 3xx. Redirects are not followed.' },
    TIMEOUT: { description: 'The answer was not complete within the time-out.' },
    DNS_ERROR: { description: "The host's name could not be resolved." },
    CONNECTION_ERROR: { description: 'No connection, or one that broke, or an answer that is not HTTP.' },
    TLS_ERROR: { description: 'No trusted encrypted connection: a certificate that is wrong or unknown, or no TLS.' },
    BLOCKED_ADDRESS: { description: 'The address is not one that the service may call.' },
  },
});

/** One HTTP request and what came of it. */
@Entity('attempts')
@ObjectType({ implements: Node, description: 'One HTTP request, what was sent and what came back.' })
export class DeliveryAttempt extends Node {
  @PrimaryColumn('text')
  accountId: string;

  @PrimaryColumn('uuid')
  deliveryId: string;

  @Field(() => Int, { description: '1 for the first attempt of a delivery, without gaps.' })
  @PrimaryColumn('integer')
  number: number;

  @Column('uuid')
  id: string;

  @Field(() => AttemptTrigger, { description: 'Who asked for it.' })
  @Column('text')
  trigger: AttemptTrigger;

  @Field(() => AttemptOutcome, { description: 'What it came to.' })
  @Column('text')
  outcome: AttemptOutcome;

  @Field(() => [HttpHeader], { description: 'The headers that were sent, in their order.' })
  @Column({ type: 'json', transformer: loggedHeaders })
  requestHeaders: HttpHeader[];

  @Field(() => Int, { nullable: true, description: 'The HTTP status; null when no response arrived.' })
  @Column('integer', { nullable: true })
  responseStatusCode: number | null;

  @Field(() => [HttpHeader], { description: 'The headers that came back; empty when no response arrived.' })
  @Column({ type: 'json', transformer: loggedHeaders })
  responseHeaders: HttpHeader[];

  @Field(() => String, {
    nullable: true,
    description: 'The first 64 KiB of the response, as text; null when no response arrived.',
  })
  @Column('text', { nullable: true })
  responseBody: string | null;

  @Field(() => Boolean, { description: 'Whether the response went on after `responseBody`.' })
  @Column('boolean')
  responseBodyTruncated: boolean;

  @Field(() => Int, {
    description: 'Milliseconds from the start of the attempt to the last byte of the response, or to the failure.',
  })
  @Column('integer')
  responseTimeMs: number;

  @Field(() => String, { nullable: true, description: 'What went wrong when no response arrived; null when one did.' })
  @Column('text', { nullable: true })
  error: string | null;

  @Field(() => DateTimeScalar, { description: 'When the request was made.' })
  @Column({ type: 'timestamptz', precision: 3 })
  startedAt: Date;

  protected override get idPrefix() {
    return 'att' as const;
  }
}
