import { Field, ID, InputType, Int } from 'type-graphql';
import { JsonScalar, UrlScalar } from '../scalars.js';

@InputType({ description: 'A new endpoint.' })
export class CreateEndpointInput {
  @Field(() => UrlScalar, { description: 'Where to send events: an `https:` URL on the public internet.' })
  url: string;

  @Field(() => String, { nullable: true, description: 'A note for people, of at most 1,000 characters.' })
  description?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'True: every event type, present and future. Give this or a non-empty `eventTypes`, not both.',
  })
  allEvents: boolean;

  @Field(() => [String], { defaultValue: [], description: 'The event types to receive.' })
  eventTypes: string[];
}

@InputType({
  description:
    'What is to change of an endpoint; what is left out stays as it is. Null clears `description` and is an error elsewhere. `allEvents: true` empties `eventTypes`, and giving `eventTypes` ends `allEvents`.',
})
export class UpdateEndpointInput {
  @Field(() => ID, { description: 'The endpoint.' })
  id: string;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the change is based on: refused with STALE_VERSION when somebody was quicker.',
  })
  version?: number | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Where to send events.' })
  url?: string | null;

  @Field(() => String, { nullable: true, description: 'A note for people; null for none.' })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True: every event type, present and future.' })
  allEvents?: boolean | null;

  @Field(() => [String], { nullable: true, description: 'The event types to receive.' })
  eventTypes?: string[] | null;
}

@InputType({ description: 'Which secret to replace, and how soon.' })
export class RotateSigningSecretInput {
  @Field(() => ID, { description: 'The endpoint.' })
  id: string;

  @Field(() => Int, {
    defaultValue: 24,
    description: 'How many hours the old secret goes on signing beside the new one, 0 to 168.',
  })
  overlapHours: number;
}

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
