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
  extends Pick<DeliveryView, 'id' | 'status' | 'version' | 'attemptCount' | 'nextAttemptAt' | 'completedAt'> {
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
  readonly bulkRetries: BulkRetryView[];
}

const PER_PAGE = 100;
const DELIVERY = `id status version attemptCount nextAttemptAt completedAt event { id livemode } endpoint { id }
  attempts { number trigger outcome responseStatusCode responseTimeMs startedAt }`;

export async function readBack(api: ApiClient, { bulkRetryIds }: Ledger): Promise<Seen> {
  const bulkRetries = await Promise.all(bulkRetryIds.filter((id) => id !== null).map((id) => api.bulkRetry(id)));
  return {
    events: await readAll<EventSeen>(api, 'events', 'id type livemode body idempotencyKey'),
    deliveries: await readAll<DeliverySeen>(api, 'deliveries', DELIVERY),
    endpoints: await readAll<EndpointSeen>(
      api,
      'endpoints',
      'id heldCount lastDeliveryAt stats(window: LAST_24_HOURS) { succeeded failed averageResponseTimeMs }',
    ),
    bulkRetries: bulkRetries.filter((one) => one !== null),
  };
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
