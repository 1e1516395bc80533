import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { BulkRetry } from '../deliveries/bulk-retry.js';
import type { Delivery } from '../deliveries/delivery.js';
import { DeliveryStatus } from '../deliveries/delivery-status.js';
import type { WebhookEvent } from '../events/event.js';
import { followBulkRetry } from '../live/follow-bulk-retry.js';
import { followDeliveries } from '../live/follow-deliveries.js';
import { type EndpointNews, followEndpoints } from '../live/follow-endpoints.js';
import { followEvents } from '../live/follow-events.js';
import type { Update } from '../live/follower.js';
import type { Snapshot } from '../live/snapshot.js';
import { fromTypeId, type IdPrefix, NIL_ID, toTypeId } from '../storage/ids.js';
import type { ApiContext, Services } from './context.js';
import { badUserInput } from './errors.js';
import { DeliveryUpdate, EventUpdate, WebhookEndpointUpdate } from './live-types.js';

const MAX_IDS = 1_000;

const ENDPOINT_IDS = 'Of these endpoints only, 1,000 at most; of all when left out.';

const AFTER = 'Go on behind this cursor. Reaches back an hour at least; a cursor older than that gets RESYNC_REQUIRED.';

interface DeliveryUpdatedArgs {
  endpointIds?: readonly string[] | null;
  eventId?: string | null;
  statuses?: readonly DeliveryStatus[] | null;
  after?: string | null;
}

interface EventPublishedArgs {
  types?: readonly string[] | null;
  after?: string | null;
}

interface Subscribe<Args> {
  args: Args;
  context: ApiContext;
}

@Resolver()
export class LiveResolver {
  @Subscription(() => DeliveryUpdate, {
    description:
      'Every change of a delivery: `READY` first, then each delivery that changed as it is now. An update may come twice, and what changed several times in a moment comes once.',
    subscribe: async ({ args, context: { accountId, services } }: Subscribe<DeliveryUpdatedArgs>) => {
      const { feed, database } = services;
      const after = await snapshotOf(args.after, accountId, services);
      return followDeliveries(feed, database, accountId, {
        endpointIds: idsOf(args.endpointIds),
        eventId: typeof args.eventId === 'string' ? idOf('evt', args.eventId) : null,
        statuses: args.statuses && new Set(args.statuses),
        after,
      });
    },
  })
  deliveryUpdated(
    @Root() { kind, cursor, value }: Update<Delivery>,
    @Arg('endpointIds', () => [ID], { nullable: true, description: ENDPOINT_IDS }) _endpointIds: string[] | null,
    @Arg('eventId', () => ID, {
      nullable: true,
      description:
        'Of this event only: its deliveries come as they are now, then each change, and it ends once all of them are final.',
    })
    _eventId: string | null,
    @Arg('statuses', () => [DeliveryStatus], {
      nullable: true,
      description: 'Only deliveries that are in one of these statuses now.',
    })
    _statuses: DeliveryStatus[] | null,
    @Arg('after', () => String, { nullable: true, description: AFTER })
    _after: string | null,
    @Ctx() { accountId, services: { cursors } }: ApiContext,
  ): DeliveryUpdate {
    return { kind, cursor: cursors.encode(accountId, cursor), delivery: value };
  }

  @Subscription(() => EventUpdate, {
    description:
      'Every event that is published, whoever receives it: `READY` first, then each event once it is stored. Test events, which go to one endpoint, are not among them. An update may come twice.',
    subscribe: async ({ args, context: { accountId, services } }: Subscribe<EventPublishedArgs>) => {
      const after = await snapshotOf(args.after, accountId, services);
      return followEvents(services.feed, accountId, { types: args.types && new Set(args.types), after });
    },
  })
  eventPublished(
    @Root() { kind, cursor, value }: Update<WebhookEvent>,
    @Arg('types', () => [String], {
      nullable: true,
      description: 'Events of these types only, or of all that begin so, as with `invoice.*`; of all when left out.',
    })
    _types: string[] | null,
    @Arg('after', () => String, { nullable: true, description: AFTER })
    _after: string | null,
    @Ctx() { accountId, services: { cursors } }: ApiContext,
  ): EventUpdate {
    return { kind, cursor: cursors.encode(accountId, cursor), event: value };
  }

  @Subscription(() => WebhookEndpointUpdate, {
    description:
      'Every change of an endpoint: by a person, or of its status, held count, success rate or last delivery. `READY` first, then the endpoint as it is now, a few times a second at most.',
    subscribe: ({ args, context: { accountId, services } }: Subscribe<{ endpointIds?: string[] | null }>) =>
      followEndpoints(services.feed, services.database, accountId, idsOf(args.endpointIds)),
  })
  endpointUpdated(
    @Root() { kind, endpoint, deletedId }: EndpointNews,
    @Arg('endpointIds', () => [ID], { nullable: true, description: ENDPOINT_IDS }) _endpointIds: string[] | null,
  ): WebhookEndpointUpdate {
    return { kind, endpoint, deletedEndpointId: deletedId && toTypeId('ep', deletedId) };
  }

  @Subscription(() => BulkRetry, {
    description: 'A bulk retry as it stands, then each step that it takes. Ends once it is COMPLETED or CANCELED.',
    subscribe: ({ args, context: { accountId, services } }: Subscribe<{ id: string }>) =>
      followBulkRetry(services.feed, services.database, accountId, idOf('blk', args.id)),
  })
  bulkRetryUpdated(
    @Root() bulkRetry: BulkRetry,
    @Arg('id', () => ID, { description: 'The ID of the bulk retry, `blk_…`.' }) _id: string,
  ): BulkRetry {
    return bulkRetry;
  }
}

async function snapshotOf(
  cursor: string | null | undefined,
  accountId: string,
  { cursors }: Services,
): Promise<Snapshot | null> {
  if (typeof cursor !== 'string') return null;
  const snapshot = await cursors.decode(accountId, cursor);
  if (snapshot !== null) return snapshot;
  throw badUserInput('`after` is not a cursor of this subscription. Give one that an update of yours had, unchanged.');
}

/** The id inside; that of nothing for one that cannot exist, and so matches nothing. */
function idOf(prefix: IdPrefix, id: string): string {
  return fromTypeId(prefix, id) ?? NIL_ID;
}

function idsOf(ids: readonly string[] | null | undefined): ReadonlySet<string> | null {
  if (!ids) return null;
  if (ids.length > MAX_IDS) {
    throw badUserInput(
      `${ids.length} \`endpointIds\` are too many. Give at most ${MAX_IDS}, or none to follow them all.`,
    );
  }
  return new Set(ids.flatMap((id) => fromTypeId('ep', id) ?? []));
}
