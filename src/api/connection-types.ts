import { Field, Int, ObjectType } from 'type-graphql';
import { ApiKey } from '../access/api-key.js';
import { Delivery } from '../deliveries/delivery.js';
import { WebhookEndpoint } from '../endpoints/endpoint.js';
import { WebhookEvent } from '../events/event.js';
import { PageInfo } from './connection.js';

const CURSOR = 'Where this item stands in the list, for `after` and `before`.';

@ObjectType({ description: 'An endpoint in a list.' })
export class WebhookEndpointEdge {
  @Field(() => String, { description: CURSOR })
  cursor: string;

  @Field(() => WebhookEndpoint, { description: 'The endpoint.' })
  node: WebhookEndpoint;
}

@ObjectType({ description: 'A page of endpoints, newest first.' })
export class WebhookEndpointConnection {
  @Field(() => [WebhookEndpointEdge], { description: 'The endpoints with their cursors.' })
  edges: WebhookEndpointEdge[];

  @Field(() => [WebhookEndpoint], { description: 'The endpoints.' })
  nodes: WebhookEndpoint[];

  @Field(() => PageInfo, { description: 'Where the page stands in the list.' })
  pageInfo: PageInfo;

  /** Counts when asked, not before. */
  countAll: () => Promise<number>;

  @Field(() => Int, { description: 'How many endpoints match, on all pages.' })
  totalCount(): Promise<number> {
    return this.countAll();
  }
}

@ObjectType({ description: 'An event in a list.' })
export class WebhookEventEdge {
  @Field(() => String, { description: CURSOR })
  cursor: string;

  @Field(() => WebhookEvent, { description: 'The event.' })
  node: WebhookEvent;
}

@ObjectType({ description: 'A page of events, newest first.' })
export class WebhookEventConnection {
  @Field(() => [WebhookEventEdge], { description: 'The events with their cursors.' })
  edges: WebhookEventEdge[];

  @Field(() => [WebhookEvent], { description: 'The events.' })
  nodes: WebhookEvent[];

  @Field(() => PageInfo, { description: 'Where the page stands in the list.' })
  pageInfo: PageInfo;
}

@ObjectType({ description: 'A delivery in a list.' })
export class DeliveryEdge {
  @Field(() => String, { description: CURSOR })
  cursor: string;

  @Field(() => Delivery, { description: 'The delivery.' })
  node: Delivery;
}

@ObjectType({ description: 'A page of deliveries, newest first.' })
export class DeliveryConnection {
  @Field(() => [DeliveryEdge], { description: 'The deliveries with their cursors.' })
  edges: DeliveryEdge[];

  @Field(() => [Delivery], { description: 'The deliveries.' })
  nodes: Delivery[];

  @Field(() => PageInfo, { description: 'Where the page stands in the list.' })
  pageInfo: PageInfo;

  /** Counts when asked, not before. */
  countAll: () => Promise<number | null>;

  @Field(() => Int, {
    nullable: true,
    description:
      'How many deliveries match, on all pages; null when there are more than 10,000 or counting takes too long.',
  })
  totalCount(): Promise<number | null> {
    return this.countAll();
  }
}

@ObjectType({ description: 'An API key in a list.' })
export class ApiKeyEdge {
  @Field(() => String, { description: CURSOR })
  cursor: string;

  @Field(() => ApiKey, { description: 'The API key.' })
  node: ApiKey;
}

@ObjectType({ description: 'A page of API keys, newest first.' })
export class ApiKeyConnection {
  @Field(() => [ApiKeyEdge], { description: 'The API keys with their cursors.' })
  edges: ApiKeyEdge[];

  @Field(() => [ApiKey], { description: 'The API keys.' })
  nodes: ApiKey[];

  @Field(() => PageInfo, { description: 'Where the page stands in the list.' })
  pageInfo: PageInfo;
}
