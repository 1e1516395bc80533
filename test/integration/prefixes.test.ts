import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LiveClient } from '../support/live.js';
import { type Setup, setUp } from '../support/service.js';

let setup: Setup;

beforeAll(async () => {
  setup = await setUp();
});

afterAll(async () => {
  await setup?.[Symbol.asyncDispose]();
});

async function register(name: string): Promise<void> {
  const input = { name, category: 'Orders', description: 'Sent when it is.', sampleData: {} };
  await setup.api.request(
    'mutation ($input: RegisterEventTypeInput!) { registerEventType(input: $input) { userErrors { code } } }',
    { input },
  );
}

async function endpointIdsWhere(filter: object): Promise<string[]> {
  const { endpoints } = await setup.api.request<{ endpoints: { nodes: { id: string }[] } }>(
    'query ($filter: EndpointFilter) { endpoints(filter: $filter) { nodes { id } } }',
    { filter },
  );
  return endpoints.nodes.map(({ id }) => id);
}

describe('an endpoint subscribed to a prefix', () => {
  it('receives all types that begin so, those that are registered later as well, each event once', async () => {
    const eventTypes = ['invoice.*', 'invoice.paid'];
    const endpoint = await setup.api.createEndpoint({ url: setup.receiver.url, eventTypes });
    expect(endpoint).toMatchObject({ eventTypes, eventTypeCount: 3 });

    await register('invoice.reminder.sent');
    await register('invoices.exported');
    const events = [];
    for (const type of ['invoice.paid', 'invoice.created', 'invoice.reminder.sent']) {
      events.push(await setup.api.publishEvent(type));
    }
    for (const type of ['invoices.exported', 'payment.succeeded']) {
      expect(await setup.api.tryToPublish({ type, data: {} })).toMatchObject({ deliveryCount: 0 });
    }

    for (const event of events) await setup.api.deliveryOf(event);
    expect(setup.receiver.requests.map(({ headers }) => headers['webhook-id']).sort()).toEqual(
      events.map(({ id }) => id).sort(),
    );
    expect(await setup.api.endpoint(endpoint.id)).toMatchObject({ eventTypeCount: 4 });
  });

  it('is refused where nothing begins so', async () => {
    for (const pattern of ['invioce.*', '*', 'invoice*', '*.paid', 'invoice.*.sent', 'invoice.']) {
      const { userErrors } = await setup.api.tryToCreateEndpoint({ url: setup.receiver.url, eventTypes: [pattern] });
      expect(userErrors).toMatchObject([{ field: ['input', 'eventTypes'], code: 'UNKNOWN_EVENT_TYPE' }]);
    }
  });

  it('is found by what it receives', async () => {
    const { id } = await setup.api.createEndpoint({ url: setup.receiver.url, eventTypes: ['chargeback.*'] });
    expect(await endpointIdsWhere({ eventType: 'chargeback.won' })).toEqual([id]);
    expect(await endpointIdsWhere({ eventType: 'chargeback.*' })).toEqual([id]);
    expect(await endpointIdsWhere({ eventType: 'chargeback.vanished' })).toEqual([]);
    expect(await endpointIdsWhere({ eventType: 'customer.*' })).toEqual([]);
  });
});

describe('a prefix', () => {
  it('stands for its types in lists, and in what is retried', async () => {
    await setup.api.createEndpoint({ url: setup.receiver.url, eventTypes: ['customer.*', 'checkout.completed'] });
    const customers = [
      await setup.api.publishEvent('customer.created'),
      await setup.api.publishEvent('customer.updated'),
    ];
    const checkout = await setup.api.publishEvent('checkout.completed');
    for (const event of [...customers, checkout]) await setup.api.deliveryOf(event);

    const deliveries = await setup.api.deliveries({ eventTypes: ['customer.*'] });
    expect(deliveries.map(({ event }) => event.id).sort()).toEqual(customers.map(({ id }) => id).sort());
    const { events } = await setup.api.request<{ events: { nodes: { id: string }[] } }>(
      '{ events(types: ["customer.*", "no.such.*"]) { nodes { id } } }',
    );
    expect(events.nodes.map(({ id }) => id).sort()).toEqual(customers.map(({ id }) => id).sort());
    const filter = { eventTypes: ['customer.*', 'customer.created'] };
    expect(await setup.api.retryDeliveries({ filter, dryRun: true })).toMatchObject({ matchedCount: 2 });
  });

  it('stands for its types live, also for one that is registered while somebody follows', async () => {
    await using live = await LiveClient.connect(setup.api);
    const updates = live.subscribe<{ eventPublished: { event: { type: string } | null } }>(
      'subscription { eventPublished(types: ["subscription.*"]) { kind event { type } } }',
    );
    await updates.next();
    await setup.api.publishEvent('invoice.paid');
    await register('subscription.paused');
    await setup.api.publishEvent('subscription.paused');

    await updates.until(({ eventPublished }) => eventPublished.event?.type === 'subscription.paused');
    expect(updates.seen.map(({ eventPublished }) => eventPublished.event?.type)).toEqual([
      undefined,
      'subscription.paused',
    ]);
  });
});
