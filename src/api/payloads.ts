import { Field, ID, Int, ObjectType } from 'type-graphql';
import { ApiKey } from '../access/api-key.js';
import { BulkRetry } from '../deliveries/bulk-retry.js';
import { Delivery } from '../deliveries/delivery.js';
import { WebhookEndpoint } from '../endpoints/endpoint.js';
import { WebhookEvent } from '../events/event.js';
import { EventType } from '../events/event-type.js';
import { Refusal, UserError } from '../refusal.js';

/** The one place where a refusal becomes `userErrors`: what was asked for, or why it was not done. */
export function toPayload<Value extends object, Payload extends object, Nothing extends object>(
  result: Value | Refusal,
  onDone: (value: Value) => Payload,
  onRefused: Nothing,
): (Payload | Nothing) & { userErrors: UserError[] } {
  return result instanceof Refusal
    ? { ...onRefused, userErrors: result.errors }
    : { ...onDone(result), userErrors: [] };
}

@ObjectType()
abstract class MutationPayload {
  @Field(() => [UserError], { description: 'What to put right; empty when it was done.' })
  userErrors: UserError[];
}

@ObjectType()
abstract class EndpointPayload extends MutationPayload {
  @Field(() => WebhookEndpoint, {
    nullable: true,
    description: 'The endpoint as it is now; null when there are errors.',
  })
  endpoint: WebhookEndpoint | null;
}

@ObjectType()
abstract class EventTypePayload extends MutationPayload {
  @Field(() => EventType, { nullable: true, description: 'The event type as it is now; null when there are errors.' })
  eventType: EventType | null;
}

const SECRET = 'The signing secret. Keep it safe; null when there are errors.';

@ObjectType({ description: 'The new endpoint and its secret.' })
export class CreateEndpointPayload extends EndpointPayload {
  @Field(() => String, { nullable: true, description: SECRET })
  signingSecret: string | null;
}

@ObjectType({ description: 'The changed endpoint.' })
export class UpdateEndpointPayload extends EndpointPayload {}

@ObjectType({ description: 'The endpoint, enabled.' })
export class EnableEndpointPayload extends EndpointPayload {}

@ObjectType({ description: 'The endpoint, disabled.' })
export class DisableEndpointPayload extends EndpointPayload {}

@ObjectType({ description: 'Which endpoint is gone.' })
export class DeleteEndpointPayload extends MutationPayload {
  @Field(() => ID, { nullable: true, description: 'The ID that it had; null when there are errors.' })
  deletedEndpointId: string | null;
}

@ObjectType({ description: 'The endpoint and its new secret.' })
export class RotateSigningSecretPayload extends EndpointPayload {
  @Field(() => String, { nullable: true, description: SECRET })
  signingSecret: string | null;
}

@ObjectType({ description: 'The secret of an endpoint.' })
export class RevealSigningSecretPayload extends MutationPayload {
  @Field(() => String, { nullable: true, description: SECRET })
  signingSecret: string | null;
}

@ObjectType({ description: 'What a publish came to.' })
export class PublishEventPayload extends MutationPayload {
  @Field(() => WebhookEvent, { nullable: true, description: 'The event; null when there are errors.' })
  event: WebhookEvent | null;

  @Field(() => Int, { description: 'How many endpoints it goes to.' })
  deliveryCount: number;

  @Field(() => Boolean, {
    description: 'True when the idempotency key had been used, and this is the first event again.',
  })
  duplicate: boolean;
}

@ObjectType({ description: 'What the publish of many events came to: all were published, or none.' })
export class PublishEventsPayload extends MutationPayload {
  @Field(() => [PublishEventPayload], { description: 'In the order given; empty when there are errors.' })
  results: PublishEventPayload[];
}

@ObjectType({ description: 'What a test event came to.' })
export class SendTestEventPayload extends MutationPayload {
  @Field(() => Delivery, { nullable: true, description: 'Its delivery, with the attempt; null when there are errors.' })
  delivery: Delivery | null;
}

@ObjectType({ description: 'The delivery that is tried once more.' })
export class RetryDeliveryPayload extends MutationPayload {
  @Field(() => Delivery, { nullable: true, description: 'The delivery as it is now; null when there are errors.' })
  delivery: Delivery | null;
}

@ObjectType({ description: 'What matched, and the bulk retry that takes care of it.' })
export class RetryDeliveriesPayload extends MutationPayload {
  @Field(() => BulkRetry, { nullable: true, description: 'The bulk retry as it starts; null on a dry run.' })
  bulkRetry: BulkRetry | null;

  @Field(() => Int, { description: 'How many deliveries match.' })
  matchedCount: number;
}

@ObjectType({ description: 'The bulk retry that is over.' })
export class CancelBulkRetryPayload extends MutationPayload {
  @Field(() => BulkRetry, { nullable: true, description: 'The bulk retry as it is now; null when there are errors.' })
  bulkRetry: BulkRetry | null;
}

@ObjectType({ description: 'The new API key.' })
export class CreateApiKeyPayload extends MutationPayload {
  @Field(() => ApiKey, {
    nullable: true,
    description: 'What is known of the key from now on; null when there are errors.',
  })
  apiKey: ApiKey | null;

  @Field(() => String, {
    nullable: true,
    description: 'The key itself: keep it, it is not shown again. Null when there are errors.',
  })
  key: string | null;
}

@ObjectType({ description: 'The revoked API key.' })
export class RevokeApiKeyPayload extends MutationPayload {
  @Field(() => ApiKey, { nullable: true, description: 'The key as it is now; null when there are errors.' })
  apiKey: ApiKey | null;
}

@ObjectType({ description: 'The new event type.' })
export class RegisterEventTypePayload extends EventTypePayload {}

@ObjectType({ description: 'The changed event type.' })
export class UpdateEventTypePayload extends EventTypePayload {}

@ObjectType({ description: 'The deprecated event type.' })
export class DeprecateEventTypePayload extends EventTypePayload {}

@ObjectType({ description: 'The event type that one may begin with again.' })
export class ReinstateEventTypePayload extends EventTypePayload {}
