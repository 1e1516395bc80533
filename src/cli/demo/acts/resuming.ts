import type { Act } from '../act.js';
import { promised } from '../demo-error.js';
import { createEndpoint } from '../endpoints.js';
import { publishTimed } from '../publish.js';
import type { Stage } from '../stage.js';

const EVENT_COUNT = 100;
/** After so many the socket is cut, and after so many it may come back. */
const CUT_AFTER = 40;
const BACK_AFTER = 75;
const PAUSE_MS = 20;

export const resuming: Act = {
  heading: 'A connection that breaks costs nothing: the subscription goes on where it was',

  async play(stage) {
    const { screen, watch, live, receiver } = stage;
    const feed = await createEndpoint(stage, '/feed', { eventTypes: ['subscription.renewed'] });
    const told = () => live.count(feed, 'SUCCEEDED');
    let published = 0;
    const publishUpTo = async (count: number) => {
      for (; published < count; published += 1) {
        await publishTimed(stage, 'subscription.renewed');
        await watch.pause(PAUSE_MS);
      }
    };
    await publishUpTo(CUT_AFTER);
    const readyBefore = live.readyCount;
    const reconnect = await live.cut();
    const toldBefore = told();
    screen.detail(`the socket is cut after ${CUT_AFTER} events, of which the subscription told ${toldBefore}`, 'red');
    await publishUpTo(BACK_AFTER);
    await watch.until('what was published has arrived', () => receiver.receiptsAt('/feed').length === BACK_AFTER);
    promised(told() === toldBefore, 'the socket was cut, and yet updates arrived');
    screen.detail(`${BACK_AFTER - CUT_AFTER} events are published and delivered while nobody listens`, 'dim');
    reconnect();
    await publishUpTo(EVENT_COUNT);

    await watch.until('the subscription has told of every event', () => told() === EVENT_COUNT);
    promised(live.readyCount === readyBefore + 1, 'the subscription has not begun anew after the cut');
    const delivered = await countSucceeded(stage, feed);
    promised(delivered === EVENT_COUNT, `the API counts ${delivered} deliveries instead of ${EVENT_COUNT}`);
    screen.kept(`of ${EVENT_COUNT} deliveries the subscription told ${told()}: ${EVENT_COUNT - told()} are missing`);
  },
};

async function countSucceeded({ api }: Stage, endpointId: string): Promise<number> {
  const { deliveries } = await api.query<{ deliveries: { totalCount: number } }>(
    'query ($filter: DeliveryFilter) { deliveries(first: 1, filter: $filter) { totalCount } }',
    { filter: { endpointIds: [endpointId], statuses: ['SUCCEEDED'] } },
  );
  return deliveries.totalCount;
}
