import type { Act } from '../act.js';
import { promised } from '../demo-error.js';
import { createEndpoint, ENDPOINT, type EndpointView } from '../endpoints.js';
import { publish } from '../publish.js';
import type { Stage } from '../stage.js';

const EVENT_COUNT = 30;
const PAUSE_MS = 40;

/** How long the receiver takes for each, so that people can follow. */
const ANSWER_AFTER_MS = 150;

type EndpointUpdated = { endpointUpdated: { kind: string; endpoint: EndpointView | null } };

const ENDPOINT_UPDATED = `subscription ($ids: [ID!]) {
  endpointUpdated(endpointIds: $ids) { kind endpoint { ${ENDPOINT} } }
}`;

export const holding: Act = {
  heading: 'A disabled endpoint loses nothing: events are held, and delivered once it is enabled',

  async play(stage) {
    const { screen, watch, receiver, live } = stage;
    const shop = await createEndpoint(stage, '/shop', {
      eventTypes: ['checkout.completed'],
      answer: () => ({ status: 200, afterMs: ANSWER_AFTER_MS }),
    });
    using followed = await followEndpoint(stage, shop);
    await switchTo(stage, 'disableEndpoint', shop);
    await watch.until('the subscription says DISABLED', () => followed.endpoint.status === 'DISABLED');
    const eventIds: string[] = [];
    while (eventIds.length < EVENT_COUNT) {
      eventIds.push(await publish(stage, 'checkout.completed'));
      await watch.pause(PAUSE_MS);
    }
    await watch.until(`${EVENT_COUNT} are held`, () => followed.endpoint.heldCount === EVENT_COUNT);
    const early = receiver.receiptsAt('/shop').length;
    promised(early === 0, `${early} requests arrived at a disabled endpoint`);
    screen.kept(`${EVENT_COUNT} events are held, and nothing has arrived`);

    const fill = screen.bar('delivered', EVENT_COUNT);
    await switchTo(stage, 'enableEndpoint', shop);
    await watch.until('all that was held is delivered', () => {
      fill(live.count(shop, 'SUCCEEDED'));
      return live.count(shop, 'SUCCEEDED') === EVENT_COUNT && followed.endpoint.heldCount === 0;
    });
    const started = await readStartOrder(stage, shop);
    promised(started.join() === eventIds.join(), 'what was held did not start oldest first');
    screen.kept(`all ${EVENT_COUNT} were released and started oldest first; nothing is held any more`);
  },
};

/** The endpoint as it is now, until it is disposed of; shows each change of its status or its held count. */
async function followEndpoint({ live, watch, screen }: Stage, id: string) {
  let isReady = false;
  let endpoint: EndpointView = { id, status: 'ACTIVE', heldCount: 0 };
  const leave = live.follow<EndpointUpdated>(ENDPOINT_UPDATED, { ids: [id] }, ({ endpointUpdated }) => {
    if (endpointUpdated.kind === 'READY') isReady = true;
    if (!endpointUpdated.endpoint) return;
    const { status, heldCount } = endpointUpdated.endpoint;
    const isNews = status !== endpoint.status || heldCount !== endpoint.heldCount;
    if (isNews) screen.detail(`/shop is ${status}, ${heldCount} held`, 'magenta');
    endpoint = endpointUpdated.endpoint;
  });
  await watch.until('the subscription says READY', () => isReady);
  return {
    get endpoint() {
      return endpoint;
    },
    [Symbol.dispose]: leave,
  };
}

async function switchTo({ api }: Stage, name: 'enableEndpoint' | 'disableEndpoint', id: string): Promise<void> {
  await api.mutate(`mutation ($id: ID!) { ${name}(id: $id) { userErrors { message } } }`, { id });
}

/** The events of an endpoint in the order in which their attempts began. */
async function readStartOrder({ api }: Stage, endpointId: string): Promise<string[]> {
  const { deliveries } = await api.query<{
    deliveries: { nodes: { event: { id: string }; lastAttempt: { startedAt: string } }[] };
  }>(
    `query ($filter: DeliveryFilter) {
      deliveries(first: 100, filter: $filter) { nodes { event { id } lastAttempt { startedAt } } }
    }`,
    { filter: { endpointIds: [endpointId] } },
  );
  // Newest first comes from the API; those of the same millisecond stay in the order of their events.
  const oldestFirst = deliveries.nodes.toReversed();
  oldestFirst.sort((one, other) => Date.parse(one.lastAttempt.startedAt) - Date.parse(other.lastAttempt.startedAt));
  return oldestFirst.map(({ event }) => event.id);
}
