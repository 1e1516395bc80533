import { Arg, Args, Ctx, FieldResolver, Float, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { Delivery } from '../deliveries/delivery.js';
import { StatsWindow, successRate } from '../endpoints/delivery-stats.js';
import { WebhookEndpoint } from '../endpoints/endpoint.js';
import { EndpointStatus, endpointStatus } from '../endpoints/endpoint-health.js';
import { HttpHeader } from '../endpoints/http-header.js';
import { countEndpoints, listEndpoints } from '../endpoints/list-endpoints.js';
import { shownHeaders } from '../endpoints/stored-headers.js';
import { UserError } from '../refusal.js';
import { DateTimeScalar, UrlScalar } from '../scalars.js';
import { fromTypeId } from '../storage/ids.js';
import { connect, PageArgs } from './connection.js';
import { DeliveryConnection, WebhookEndpointConnection } from './connection-types.js';
import type { ApiContext } from './context.js';
import { connectDeliveries } from './delivery-connection.js';
import { DeliveryStats } from './delivery-stats.resolver.js';
import { DeliveryFilter, EndpointFilter, toEndpointSelection, toSelection, within } from './filters.js';

@Resolver(() => WebhookEndpoint)
export class EndpointResolver {
  @Query(() => WebhookEndpoint, { nullable: true, description: 'An endpoint; null when there is none with this ID.' })
  async endpoint(
    @Arg('id', () => ID, { description: 'The ID of the endpoint, `ep_…`.' }) id: string,
    @Ctx() { loaders }: ApiContext,
  ): Promise<WebhookEndpoint | null> {
    const uuid = fromTypeId('ep', id);
    return uuid === null ? null : loaders.endpoint.load(uuid);
  }

  @Query(() => WebhookEndpointConnection, { description: 'All endpoints that match, newest first.' })
  async endpoints(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => EndpointFilter, { nullable: true, description: 'Which; all when left out.' })
    filter: EndpointFilter | null,
    @Ctx() { accountId, services: { database, catalog } }: ApiContext,
  ): Promise<WebhookEndpointConnection> {
    const selection = toEndpointSelection(filter, catalog.current);
    const connection = await connect({ kind: 'endpoints', accountId }, page, (keyset) =>
      listEndpoints(database, accountId, selection, keyset),
    );
    const countAll = () => countEndpoints(database, accountId, selection);
    return Object.assign(new WebhookEndpointConnection(), connection, { countAll });
  }

  @Query(() => UserError, {
    nullable: true,
    description:
      'What `createEndpoint` would have against a URL; null when it may be registered. For forms that tell while one types: nothing is looked up or called, so a host that does not exist passes.',
  })
  checkEndpointUrl(
    @Arg('url', () => UrlScalar, { description: 'The URL.' }) url: string,
    @Ctx() { services: { endpoints } }: ApiContext,
  ): UserError | null {
    return endpoints.checkUrl(url);
  }

  @FieldResolver(() => Int, {
    description:
      "How many event types it receives: the catalog's size when `allEvents`. Deprecated ones count where it is subscribed to them by name.",
  })
  eventTypeCount(
    @Root() { allEvents, eventTypes }: WebhookEndpoint,
    @Ctx() { services: { catalog } }: ApiContext,
  ): number {
    return allEvents ? catalog.current.size : catalog.current.sizeOf(eventTypes);
  }

  @FieldResolver(() => EndpointStatus, { description: 'How it is doing.' })
  async status(@Root() endpoint: WebhookEndpoint, @Ctx() { loaders }: ApiContext): Promise<EndpointStatus> {
    return endpointStatus(endpoint, await loaders.health.load(endpoint.id));
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'The share of finished deliveries in the window that succeeded, 0 to 1, test events left out; null when none finished.',
  })
  async successRate(
    @Root() { id }: WebhookEndpoint,
    @Arg('window', () => StatsWindow, { defaultValue: StatsWindow.LAST_30_DAYS, description: 'How far back to look.' })
    window: StatsWindow,
    @Ctx() { loaders }: ApiContext,
  ): Promise<number | null> {
    return successRate(await loaders.counts[window].load(id));
  }

  @FieldResolver(() => DeliveryStats, { description: 'How deliveries ended in the window, and how fast it answered.' })
  stats(
    @Root() { id }: WebhookEndpoint,
    @Arg('window', () => StatsWindow, { defaultValue: StatsWindow.LAST_24_HOURS, description: 'How far back to look.' })
    window: StatsWindow,
    @Ctx() context: ApiContext,
  ): Promise<DeliveryStats> {
    return DeliveryStats.read(context, id, window);
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description: 'When the most recent attempt was made, test events left out; null before the first.',
  })
  async lastDeliveryAt(@Root() { id }: WebhookEndpoint, @Ctx() { loaders }: ApiContext): Promise<Date | null> {
    return (await loaders.lastDelivery.load(id))?.attemptAt ?? null;
  }

  @FieldResolver(() => Delivery, { nullable: true, description: 'The delivery of that attempt.' })
  async lastDelivery(@Root() { id }: WebhookEndpoint, @Ctx() { loaders }: ApiContext): Promise<Delivery | null> {
    const last = await loaders.lastDelivery.load(id);
    return last && loaders.delivery.load(last.deliveryId);
  }

  @FieldResolver(() => Int, { description: 'How many of its deliveries are held.' })
  heldCount(@Root() { id }: WebhookEndpoint, @Ctx() { loaders }: ApiContext): Promise<number> {
    return loaders.heldCount.load(id);
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description: 'When the previous signing secret stops signing beside the current one; null outside a rotation.',
  })
  previousSecretExpiresAt(
    @Root() { previousSecretExpiresAt: expiresAt }: WebhookEndpoint,
    @Ctx() { services: { clock } }: ApiContext,
  ): Date | null {
    return expiresAt && expiresAt.getTime() > clock.now() ? expiresAt : null;
  }

  @FieldResolver(() => String, {
    description: 'The header of its requests that carries the signature in `signatureFormat`.',
  })
  signatureHeader(@Ctx() { services }: ApiContext): string {
    return services.signatureHeader;
  }

  @FieldResolver(() => [HttpHeader], {
    description: 'The headers of its own that every request carries, beside those of the service.',
  })
  headers(@Root() { headers }: WebhookEndpoint): HttpHeader[] {
    return shownHeaders(headers);
  }

  @FieldResolver(() => [Float], {
    description:
      "The waits before attempts 2, 3, …, in seconds, each after the failure before it; the service's own unless the endpoint has others. Empty: no retries.",
  })
  retryScheduleSeconds(
    @Root() { retryScheduleSeconds }: WebhookEndpoint,
    @Ctx() { services }: ApiContext,
  ): readonly number[] {
    return retryScheduleSeconds ?? services.retryScheduleSeconds;
  }

  @FieldResolver(() => DeliveryConnection, { description: 'Its deliveries that match, newest first.' })
  deliveries(
    @Root() { id }: WebhookEndpoint,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => DeliveryFilter, { nullable: true, description: 'Which; all when left out.' })
    filter: DeliveryFilter | null,
    @Ctx() context: ApiContext,
  ): Promise<DeliveryConnection> {
    return connectDeliveries(
      context,
      page,
      within(toSelection(filter, context.services.catalog.current), 'endpointIds', id),
    );
  }
}
