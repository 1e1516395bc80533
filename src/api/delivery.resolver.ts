import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { DeliveryAttempt } from '../deliveries/attempt.js';
import { Delivery } from '../deliveries/delivery.js';
import { retryDelivery } from '../deliveries/retry-delivery.js';
import { WebhookEndpoint } from '../endpoints/endpoint.js';
import { WebhookEvent } from '../events/event.js';
import { fromTypeId } from '../storage/ids.js';
import { PageArgs } from './connection.js';
import { DeliveryConnection } from './connection-types.js';
import type { ApiContext } from './context.js';
import { connectDeliveries } from './delivery-connection.js';
import { DeliveryFilter, toSelection } from './filters.js';
import { RetryDeliveryPayload, toPayload } from './payloads.js';

const DELIVERY_ID = 'The ID of the delivery, `dlv_…`.';

@Resolver(() => Delivery)
export class DeliveryResolver {
  @Query(() => Delivery, { nullable: true, description: 'A delivery; null when there is none with this ID.' })
  async delivery(
    @Arg('id', () => ID, { description: DELIVERY_ID }) id: string,
    @Ctx() { loaders }: ApiContext,
  ): Promise<Delivery | null> {
    const uuid = fromTypeId('dlv', id);
    return uuid === null ? null : loaders.delivery.load(uuid);
  }

  @Query(() => DeliveryConnection, { description: 'All deliveries that match, newest first.' })
  deliveries(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => DeliveryFilter, { nullable: true, description: 'Which; all when left out.' })
    filter: DeliveryFilter | null,
    @Ctx() context: ApiContext,
  ): Promise<DeliveryConnection> {
    return connectDeliveries(context, page, toSelection(filter, context.services.catalog.current));
  }

  @Mutation(() => RetryDeliveryPayload, {
    description: 'Makes one more attempt now, also after success. The retry schedule goes on as if it had not been.',
  })
  async retryDelivery(
    @Arg('id', () => ID, { description: DELIVERY_ID }) id: string,
    @Ctx() { accountId, services }: ApiContext,
  ): Promise<RetryDeliveryPayload> {
    const result = await retryDelivery(services, accountId, fromTypeId('dlv', id));
    return toPayload(result, (delivery) => ({ delivery }), { delivery: null });
  }

  @FieldResolver(() => WebhookEvent, { description: 'What is delivered.' })
  event(@Root() { eventId }: Delivery, @Ctx() { loaders }: ApiContext): Promise<WebhookEvent | null> {
    return loaders.event.load(eventId);
  }

  @FieldResolver(() => WebhookEndpoint, { description: 'Where it is delivered to.' })
  endpoint(@Root() { endpointId }: Delivery, @Ctx() { loaders }: ApiContext): Promise<WebhookEndpoint | null> {
    return loaders.endpointOfDelivery.load(endpointId);
  }

  @FieldResolver(() => DeliveryAttempt, { nullable: true, description: 'The latest attempt; null before the first.' })
  lastAttempt(@Root() { id, eventId }: Delivery, @Ctx() { loaders }: ApiContext): Promise<DeliveryAttempt | null> {
    loaders.eventId.prime(id, eventId);
    return loaders.lastAttempt.load(id);
  }

  @FieldResolver(() => [DeliveryAttempt], { description: 'All attempts, oldest first.' })
  attempts(@Root() { id, eventId }: Delivery, @Ctx() { loaders }: ApiContext): Promise<DeliveryAttempt[]> {
    loaders.eventId.prime(id, eventId);
    return loaders.attempts.load(id);
  }
}

@Resolver(() => DeliveryAttempt)
export class DeliveryAttemptResolver {
  @FieldResolver(() => String, { description: 'The body that was sent: the same text on every attempt.' })
  async requestBody(@Root() { deliveryId }: DeliveryAttempt, @Ctx() { loaders }: ApiContext): Promise<string | null> {
    const eventId = await loaders.eventId.load(deliveryId);
    const event = eventId && (await loaders.event.load(eventId));
    return event ? event.body : null;
  }
}
