import { Field, ObjectType } from 'type-graphql';
import { DateTimeScalar, JsonScalar } from '../scalars.js';

/** What is known of a type of event; what is left out there is not. */
export interface EventTypeColumns {
  name: string;
  category: string;
  description: string;
  sampleData: unknown;
  dataSchemaText?: string | null;
  deprecatedAt?: Date | null;
  deprecationReason?: string | null;
}

/** A kind of event that may happen. */
@ObjectType({ description: 'A type of event in the catalog, such as `invoice.paid`: built in, or registered.' })
export class EventType {
  @Field(() => String, {
    description: 'What endpoints subscribe to: the thing and what happened to it, as in `invoice.paid`.',
  })
  readonly name: string;

  @Field(() => String, {
    description:
      'What it belongs to: Payments, Invoices, Subscriptions, Customers, Checkouts, Disputes or Webhooks if it is built in, and any other if it was registered.',
  })
  readonly category: string;

  @Field(() => String, { description: 'When an event of this type is sent, for the developers who receive it.' })
  readonly description: string;

  @Field(() => JsonScalar, { description: 'Sample `data`: what `sendTestEvent` sends unless given other data.' })
  readonly sampleData: unknown;

  /** The schema as it was given, as JSON; null for none. */
  readonly dataSchemaText: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Since when nobody is to begin with it; null if one may. It is published and delivered as before.',
  })
  readonly deprecatedAt: Date | null;

  @Field(() => String, { nullable: true, description: 'Why, and what to use instead.' })
  readonly deprecationReason: string | null;

  constructor({ dataSchemaText, deprecatedAt, deprecationReason, ...columns }: EventTypeColumns) {
    this.name = columns.name;
    this.category = columns.category;
    this.description = columns.description;
    this.sampleData = columns.sampleData;
    this.dataSchemaText = dataSchemaText ?? null;
    this.deprecatedAt = deprecatedAt ?? null;
    this.deprecationReason = deprecationReason ?? null;
  }

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'The JSON Schema (2020-12) that `data` has to satisfy to be published; null for any `data`.',
  })
  get dataSchema(): unknown {
    return this.dataSchemaText === null ? null : JSON.parse(this.dataSchemaText);
  }
}
