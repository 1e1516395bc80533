import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { WebhookEvent } from '../events/event.js';
import { listEvents } from '../events/list-events.js';
import { fromTypeId } from '../storage/ids.js';
import { connect, PageArgs } from './connection.js';
import { DeliveryConnection, WebhookEventConnection } from './connection-types.js';
import type { ApiContext } from './context.js';
import { connectDeliveries } from './delivery-connection.js';
import { DateTimeRange, DeliveryFilter, namesOf, toSelection, within } from './filters.js';

@Resolver(() => WebhookEvent)
export class EventResolver {
  @Query(() => WebhookEvent, { nullable: true, description: 'An event; null when there is none with this ID.' })
  async event(
    @Arg('id', () => ID, { description: 'The ID of the event, `evt_…`.' }) id: string,
    @Ctx() { loaders }: ApiContext,
  ): Promise<WebhookEvent | null> {
    const uuid = fromTypeId('evt', id);
    return uuid === null ? null : loaders.event.load(uuid);
  }

  @Query(() => WebhookEventConnection, { description: 'All events that match, newest first, test events included.' })
  async events(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('types', () => [String], {
      nullable: true,
      description: 'Events of these types, or of all that begin so, as with `invoice.*`; all when left out.',
    })
    types: string[] | null,
    @Arg('createdAt', () => DateTimeRange, { nullable: true, description: 'Events published within this span.' })
    created: DateTimeRange | null,
    @Ctx() { accountId, services: { database, catalog } }: ApiContext,
  ): Promise<WebhookEventConnection> {
    const selection = { types: namesOf(types, catalog.current), created };
    return connect({ kind: 'events', accountId }, page, (keyset) => listEvents(database, accountId, selection, keyset));
  }

  @FieldResolver(() => DeliveryConnection, { description: 'Its deliveries that match, newest first.' })
  deliveries(
    @Root() { id }: WebhookEvent,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => DeliveryFilter, { nullable: true, description: 'Which; all when left out.' })
    filter: DeliveryFilter | null,
    @Ctx() context: ApiContext,
  ): Promise<DeliveryConnection> {
    return connectDeliveries(
      context,
      page,
      within(toSelection(filter, context.services.catalog.current), 'eventIds', id),
    );
  }
}
