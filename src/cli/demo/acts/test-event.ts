import type { Act } from '../act.js';
import { promised } from '../demo-error.js';
import { createEndpoint } from '../endpoints.js';
import type { DeliveryView } from '../live.js';
import { showRows } from '../rows.js';

interface TestPayload {
  readonly delivery: Pick<DeliveryView, 'id' | 'status'> & {
    readonly lastAttempt: {
      readonly trigger: string;
      readonly responseStatusCode: number;
      readonly responseTimeMs: number;
      readonly responseBody: string;
    };
  };
}

const SEND_TEST_EVENT = `mutation ($input: SendTestEventInput!) {
  sendTestEvent(input: $input) {
    delivery { id status lastAttempt { trigger responseStatusCode responseTimeMs responseBody } }
    userErrors { message }
  }
}`;

export const testEvent: Act = {
  heading: 'A test event tries an endpoint, whatever it is subscribed to, and answers with the result',

  async play(stage) {
    const { screen, watch, live, api } = stage;
    const endpointId = await createEndpoint(stage, '/new', { eventTypes: ['invoice.paid'] });
    using _rows = showRows(stage, [endpointId]);
    const input = { endpointId, type: 'payment.refunded' };
    const { delivery } = await api.mutate<TestPayload>(SEND_TEST_EVENT, { input });
    stage.eventCount += 1;

    promised(delivery.status === 'SUCCEEDED', `the test event is ${delivery.status}`);
    const { trigger, responseStatusCode, responseTimeMs, responseBody } = delivery.lastAttempt;
    promised(trigger === 'TEST', `the attempt is marked ${trigger}`);
    await watch.until('the subscription tells of the test event', () => live.count(endpointId, 'SUCCEEDED') === 1);
    screen.kept(`the answer: ${delivery.status}, ${responseStatusCode} “${responseBody}” in ${responseTimeMs} ms`);
  },
};
