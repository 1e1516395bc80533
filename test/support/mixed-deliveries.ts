import type { Setup } from './service.js';

/** Deliveries that filters tell apart: a second lies between the events, and the test event comes last. */
export interface MixedDeliveries {
  /** Receives `invoice.created` and `invoice.paid`, and answers 200. */
  works: { id: string };
  /** Receives `invoice.paid`, and answers 500; its deliveries fail at once. */
  fails: { id: string };
  /** `invoice.created` */
  first: { id: string };
  /** `invoice.paid` */
  second: { id: string; createdAt: string };
  /** The delivery of `first`. */
  one: string;
  /** That of `second` to `works`. */
  two: string;
  /** That of `second` to `fails`. */
  three: string;
  /** The test event, `customer.created`, to `works`. */
  test: string;
}

/** Of a service with `RETRY_SCHEDULE` empty, and this clock. */
export async function mixDeliveries({ api, receiver }: Setup, clock: { nowMs: number }): Promise<MixedDeliveries> {
  receiver.answer(({ path }) => ({ status: path.endsWith('/fails') ? 500 : 200 }));
  const types = ['invoice.created', 'invoice.paid'];
  const works = await api.createEndpoint({ url: `${receiver.url}/works`, eventTypes: types });
  const fails = await api.createEndpoint({ url: `${receiver.url}/fails`, eventTypes: ['invoice.paid'] });
  const first = await api.publishEvent('invoice.created');
  clock.nowMs += 1_000;
  const second = await api.publishEvent('invoice.paid');
  clock.nowMs += 1_000;
  const { delivery: test } = await api.sendTestEvent({ endpointId: works.id, type: 'customer.created' });
  return {
    works,
    fails,
    first,
    second,
    one: (await api.deliveryOf(first)).id,
    two: (await api.deliveryOf(second, undefined, works.id)).id,
    three: (await api.deliveryOf(second, ({ status }) => status === 'FAILED', fails.id)).id,
    test: test!.id,
  };
}
