import { Field, ID, ObjectType } from 'type-graphql';
import { Delivery } from '../deliveries/delivery.js';
import { WebhookEndpoint } from '../endpoints/endpoint.js';
import { WebhookEvent } from '../events/event.js';
import { UpdateKind } from '../live/update-kind.js';

const KIND = 'What this message says.';

@ObjectType({ description: 'A message about deliveries.' })
export class DeliveryUpdate {
  @Field(() => String, {
    description: 'Give the last one received as `after`, and nothing is missed over a reconnect.',
  })
  cursor: string;

  @Field(() => UpdateKind, { description: KIND })
  kind: UpdateKind;

  @Field(() => Delivery, { nullable: true, description: 'The delivery as it is now; null unless UPDATED.' })
  delivery: Delivery | null;
}

@ObjectType({ description: 'A message about events.' })
export class EventUpdate {
  @Field(() => String, {
    description: 'Give the last one received as `after`, and nothing is missed over a reconnect.',
  })
  cursor: string;

  @Field(() => UpdateKind, { description: KIND })
  kind: UpdateKind;

  @Field(() => WebhookEvent, { nullable: true, description: 'The event; null unless UPDATED.' })
  event: WebhookEvent | null;
}

@ObjectType({ description: 'A message about endpoints.' })
export class WebhookEndpointUpdate {
  @Field(() => UpdateKind, { description: KIND })
  kind: UpdateKind;

  @Field(() => WebhookEndpoint, { nullable: true, description: 'The endpoint as it is now; null unless UPDATED.' })
  endpoint: WebhookEndpoint | null;

  @Field(() => ID, { nullable: true, description: 'The endpoint that is gone; null unless DELETED.' })
  deletedEndpointId: string | null;
}
