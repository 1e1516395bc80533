import type { Act } from '../act.js';
import { promised } from '../demo-error.js';
import { createEndpoint } from '../endpoints.js';
import { publishTimed } from '../publish.js';
import { showRows } from '../rows.js';

const EVENT_TYPES = ['customer.created', 'invoice.created', 'payment.succeeded', 'invoice.paid', 'customer.updated'];

/** `invoice.paid` goes to both endpoints. */
const DELIVERY_COUNT = EVENT_TYPES.length + 1;

/** Between two events, so that people can follow. */
const PAUSE_MS = 250;

export const firstDeliveries: Act = {
  heading: 'Events are published, signed and delivered; a subscription tells of each as it happens',

  async play(stage) {
    const { screen, watch, live, receiver } = stage;
    const billing = await createEndpoint(stage, '/billing', {
      eventTypes: ['invoice.created', 'invoice.paid', 'payment.succeeded'],
    });
    const crm = await createEndpoint(stage, '/crm', {
      eventTypes: ['customer.created', 'customer.updated', 'invoice.paid'],
    });
    using _rows = showRows(stage, [billing, crm]);
    for (const type of EVENT_TYPES) {
      await publishTimed(stage, type);
      await watch.pause(PAUSE_MS);
    }

    const succeeded = () => live.count(billing, 'SUCCEEDED') + live.count(crm, 'SUCCEEDED');
    await watch.until('all that was published is SUCCEEDED', () => succeeded() >= DELIVERY_COUNT);
    const { length } = receiver.receipts;
    promised(length === DELIVERY_COUNT, `the receiver got ${length} requests for ${DELIVERY_COUNT} deliveries`);
    screen.kept(
      `${EVENT_TYPES.length} events made ${length} deliveries; the receiver found both signatures of each right`,
    );
  },
};
