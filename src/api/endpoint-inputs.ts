import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { SignatureFormat } from '../endpoints/endpoint.js';
import { UrlScalar } from '../scalars.js';

const RATE_LIMIT = 'Attempts started per second, at most, 1 to 10,000; null for no limit.';
const EVENT_TYPES =
  'The event types to receive. A prefix such as `invoice.*` stands for all that begin so, present and future.';
const RETRY_SCHEDULE =
  "The waits before attempts 2, 3, …, in seconds: up to 20, each 0 to 604,800. Empty for no retries, null for the service's own.";

@InputType({ description: 'A header that every request to an endpoint is to carry.' })
export class HttpHeaderInput {
  @Field(() => String, {
    description:
      'Its name, of at most 100 characters. Names are compared without regard to case, and those that the service sets or that belong to HTTP itself are refused.',
  })
  name: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Its value: at most 4,096 printable characters of Latin-1. Null keeps the value that is stored under this name, as secret as it is, and is an error when there is none.',
  })
  value?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'True: the value is encrypted at rest, and never shown again.',
  })
  secret: boolean;
}

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

  @Field(() => [String], { defaultValue: [], description: EVENT_TYPES })
  eventTypes: string[];

  @Field(() => SignatureFormat, {
    defaultValue: SignatureFormat.SHA256,
    description: 'What the signature header of its requests is to look like.',
  })
  signatureFormat: SignatureFormat;

  @Field(() => [HttpHeaderInput], {
    defaultValue: [],
    description: 'Headers that every request is to carry beside those of the service; at most 20.',
  })
  headers: HttpHeaderInput[];

  @Field(() => Int, { nullable: true, description: RATE_LIMIT })
  rateLimitPerSecond?: number | null;

  @Field(() => [Float], { nullable: true, description: RETRY_SCHEDULE })
  retryScheduleSeconds?: number[] | null;
}

@InputType({
  description:
    'What is to change of an endpoint; what is left out stays as it is. Null clears `description`, `rateLimitPerSecond` and `retryScheduleSeconds`, and is an error elsewhere. `allEvents: true` empties `eventTypes`, and giving `eventTypes` ends `allEvents`.',
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

  @Field(() => [String], { nullable: true, description: EVENT_TYPES })
  eventTypes?: string[] | null;

  @Field(() => SignatureFormat, { nullable: true, description: 'What the signature header is to look like.' })
  signatureFormat?: SignatureFormat | null;

  @Field(() => [HttpHeaderInput], {
    nullable: true,
    description:
      'All headers that every request is to carry beside those of the service; those not listed are removed.',
  })
  headers?: HttpHeaderInput[] | null;

  @Field(() => Int, { nullable: true, description: RATE_LIMIT })
  rateLimitPerSecond?: number | null;

  @Field(() => [Float], { nullable: true, description: RETRY_SCHEDULE })
  retryScheduleSeconds?: number[] | null;
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
