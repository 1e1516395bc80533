import { Field, ObjectType } from 'type-graphql';
import { JsonScalar } from '../scalars.js';

/** A kind of event that may happen. The built-in ones are in the catalog; operators can add their own. */
@ObjectType({ description: 'A type of event in the catalog, such as `invoice.paid`.' })
export class EventType {
  @Field(() => String, {
    description: 'What endpoints subscribe to: the thing and what happened to it, as in `invoice.paid`.',
  })
  readonly name: string;

  @Field(() => String, {
    description:
      "Payments, Invoices, Subscriptions, Customers, Checkouts, Disputes, Webhooks, or one of the operator's own.",
  })
  readonly category: string;

  @Field(() => String, { description: 'When an event of this type is sent, for the developers who receive it.' })
  readonly description: string;

  @Field(() => JsonScalar, { description: 'Sample `data`: what `sendTestEvent` sends unless given other data.' })
  readonly sampleData: unknown;

  constructor({ name, category, description, sampleData }: EventType) {
    this.name = name;
    this.category = category;
    this.description = description;
    this.sampleData = sampleData;
  }
}
