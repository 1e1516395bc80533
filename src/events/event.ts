import { Field, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Node } from '../node.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';

/** Something that happened in an account. It never changes. */
@Entity('events')
@ObjectType({
  implements: Node,
  description: 'Something that happened, told to every endpoint subscribed to its type.',
})
export class WebhookEvent extends Node {
  @PrimaryColumn('text')
  accountId: string;

  @PrimaryColumn('uuid')
  id: string;

  @Field(() => String, { description: 'The event type, such as `invoice.paid`.' })
  @Column('text')
  type: string;

  @Field(() => String, {
    description: 'The exact text sent to every endpoint: `{"id","type","created","livemode","data"}`.',
  })
  @Column('text')
  body: string;

  @Field(() => Boolean, { description: 'False for test events.' })
  @Column('boolean')
  livemode: boolean;

  @Field(() => String, { nullable: true, description: 'The key it was published with, if any.' })
  @Column('text', { nullable: true })
  idempotencyKey: string | null;

  @Field(() => DateTimeScalar, { description: 'When it was published.' })
  @Column({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  /** The W3C `traceparent` of publishing it; null when traces were off. Attempts belong to the same trace. */
  @Column('text', { nullable: true })
  traceParent: string | null;

  protected override get idPrefix() {
    return 'evt' as const;
  }

  @Field(() => JsonScalar, { description: 'The `data` of the body.' })
  get data(): unknown {
    return (JSON.parse(this.body) as { data: unknown }).data;
  }
}
