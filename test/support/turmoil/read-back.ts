import type { ApiClient, AttemptView, BulkRetryView, DeliveryView, EndpointView } from '../api.js';
import type { Ledger } from './ledger.js';

/** An event as it stands in the list. */
export interface EventSeen {
  readonly id: string;
  readonly type: string;
  readonly livemode: boolean;
  readonly body: string;
  readonly idempotencyKey: string | null;
}

type AttemptPart = 'number' | 'trigger' | 'outcome' | 'responseStatusCode' | 'responseTimeMs' | 'startedAt';

/** A delivery as it stands in the list, with its attempts. */
export interface DeliverySeen
  extends Pick<DeliveryView, 'id' | 'status' | 'attemptCount' | 'nextAttemptAt' | 'completedAt'> {
  readonly event: { id: string; livemode: boolean };
  readonly endpoint: { id: string };
  readonly attempts: Pick<AttemptView, AttemptPart>[];
}

/** An endpoint as it stands, with its statistics. */
export interface EndpointSeen extends Pick<EndpointView, 'id' | 'heldCount' | 'lastDeliveryAt'> {
  readonly stats: { succeeded: number; failed: number; averageResponseTimeMs: number | null };
}

/** All that the API shows of an account once nothing moves any more. */
export interface Seen {
  readonly events: EventSeen[];
  readonly deliveries: DeliverySeen[];
  readonly endpoints: EndpointSeen[];
  /** What is shown of endpoints that were deleted: nothing, one hopes. */
  readonly deleted: { endpoints: { id: string }[]; deliveries: { id: string }[] };
  readonly bulkRetries: BulkRetryView[];
}

const PER_PAGE = 100;

/** Of the deliveries to deleted endpoints, so many are asked for by their ids. */
const LOOKED_UP = 20;

const DELIVERY = `id status attemptCount nextAttemptAt completedAt event { id livemode } endpoint { id }
  attempts { number trigger outcome responseStatusCode responseTimeMs startedAt }`;

export async function readBack(api: ApiClient, ledger: Ledger): Promise<Seen> {
  const histories = [...ledger.endpoints.values()];
  const gone = histories.filter(({ deleted }) => deleted);
  const goneIds = gone.map(({ id }) => id);
  const goneNames = new Set(gone.map(({ name }) => name));
  const attempted = ledger.requests.filter(({ name }) => goneNames.has(name)).map(({ deliveryId }) => deliveryId);
  const started = ledger.bulkRetryIds.filter((id) => id !== null);
  return {
    events: await readAll<EventSeen>(api, 'events', 'id type livemode body idempotencyKey'),
    deliveries: await readAll<DeliverySeen>(api, 'deliveries', DELIVERY),
    endpoints: await readAll<EndpointSeen>(
      api,
      'endpoints',
      'id heldCount lastDeliveryAt stats(window: LAST_24_HOURS) { succeeded failed averageResponseTimeMs }',
    ),
    deleted: {
      endpoints: await readEach(goneIds, (id) => api.endpoint(id)),
      deliveries: [
        ...(await api.page('deliveries', { filter: { endpointIds: goneIds } })).nodes,
        ...(await readEach(attempted.slice(-LOOKED_UP), (id) => api.delivery(id))),
      ],
    },
    bulkRetries: await readEach(started, (id) => api.bulkRetry(id)),
  };
}

/** Those of them that there are. */
async function readEach<Node>(ids: readonly string[], read: (id: string) => Promise<Node | null>): Promise<Node[]> {
  const nodes = await Promise.all(ids.map(read));
  return nodes.filter((node) => node !== null) as Node[];
}

/** Every node of a list, page by page. */
async function readAll<Node>(
  api: ApiClient,
  list: 'endpoints' | 'events' | 'deliveries',
  fields: string,
): Promise<Node[]> {
  const nodes: Node[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await api.page<Node>(list, { first: PER_PAGE, after }, fields);
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor!;
  }
}
