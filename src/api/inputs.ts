import { Field, ID, InputType } from 'type-graphql';
import { DateTimeScalar, JsonScalar } from '../scalars.js';
import { DeliveryFilter } from './filters.js';

@InputType({ description: 'An event to publish.' })
export class PublishEventInput {
  @Field(() => String, { description: 'Its type, one of the catalog.' })
  type: string;

  @Field(() => JsonScalar, { description: 'What happened, for receivers to read.' })
  data: unknown;

  @Field(() => String, {
    nullable: true,
    description:
      'The same key again within 24 hours returns the first event; with another type or other data it is refused with IDEMPOTENCY_CONFLICT.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A test event.' })
export class SendTestEventInput {
  @Field(() => ID, { description: 'The endpoint to send it to.' })
  endpointId: string;

  @Field(() => String, { description: 'Its type, one of the catalog.' })
  type: string;

  @Field(() => JsonScalar, { nullable: true, description: "Its data; the type's sample data when left out." })
  data?: unknown;
}

@InputType({ description: 'Which deliveries to try once more.' })
export class RetryDeliveriesInput {
  @Field(() => DeliveryFilter, { description: 'Which deliveries; an empty filter matches all.' })
  filter: DeliveryFilter;

  @Field(() => Boolean, { defaultValue: false, description: 'True: counts what matches, and queues nothing.' })
  dryRun: boolean;
}

@InputType({
  description: 'A new API key. It can be given no scope and no more time than the credentials that make it have.',
})
export class CreateApiKeyInput {
  @Field(() => String, { description: 'What it is for, in at most 100 characters.' })
  name: string;

  @Field(() => [String], { description: 'What it is to allow, such as `events:write`; one at least.' })
  scopes: string[];

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it is to cease to be valid; left out: not until it is revoked.',
  })
  expiresAt?: Date | null;
}

const SAMPLE_DATA = 'What `data` looks like, up to 64 KiB as JSON: test events carry it, and it satisfies the schema.';
const DATA_SCHEMA =
  'A JSON Schema (2020-12) that `data` has to satisfy to be published, up to 64 KiB; null for none. It stands alone, `format` is checked, and a `pattern` has no look-around and no back-references.';

@InputType({ description: 'A new event type.' })
export class RegisterEventTypeInput {
  @Field(() => String, {
    description:
      'Its name: up to 128 letters, digits, `_` and `-`, with dots between, such as `order.shipped`. It cannot be changed.',
  })
  name: string;

  @Field(() => String, { description: 'What it belongs to, for people, in at most 100 characters; new or not.' })
  category: string;

  @Field(() => String, {
    description: 'When an event of this type is sent, for developers, in at most 1,000 characters.',
  })
  description: string;

  @Field(() => JsonScalar, { description: SAMPLE_DATA })
  sampleData: unknown;

  @Field(() => JsonScalar, { nullable: true, description: DATA_SCHEMA })
  dataSchema?: unknown;
}

@InputType({
  description:
    'What is to change of an event type; what is left out stays as it is. Null clears `dataSchema`, and is an error elsewhere.',
})
export class UpdateEventTypeInput {
  @Field(() => String, { description: 'The name of the type.' })
  name: string;

  @Field(() => String, { nullable: true, description: 'What it belongs to.' })
  category?: string | null;

  @Field(() => String, { nullable: true, description: 'When an event of this type is sent.' })
  description?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: SAMPLE_DATA })
  sampleData?: unknown;

  @Field(() => JsonScalar, { nullable: true, description: DATA_SCHEMA })
  dataSchema?: unknown;
}
