import { expect, it } from '@jest/globals';
import { type Setup, setUp } from '../support/service.js';

it('answers with the result and the response, and sends sample data unless given other data', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  receiver.answer({ status: 201, headers: { 'x-trace': 'abc' }, body: 'tested' });
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });

  const { delivery, userErrors } = await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });

  expect(userErrors).toEqual([]);
  const [request] = await receiver.receive(1);
  expect(delivery).toMatchObject({
    status: 'SUCCEEDED',
    eventType: 'invoice.paid',
    attemptCount: 1,
    nextAttemptAt: null,
    event: { type: 'invoice.paid', livemode: false },
    endpoint: { id },
    attempts: [
      {
        number: 1,
        trigger: 'TEST',
        outcome: 'SUCCEEDED',
        requestBody: request!.rawBody,
        responseStatusCode: 201,
        responseHeaders: expect.arrayContaining([{ name: 'x-trace', value: 'abc', secret: false }]),
        responseBody: 'tested',
      },
    ],
  });
  const { eventTypes } = await api.request<{ eventTypes: { name: string; sampleData: unknown }[] }>(
    '{ eventTypes { name sampleData } }',
  );
  const { sampleData } = eventTypes.find(({ name }) => name === 'invoice.paid')!;
  expect(JSON.parse(request!.rawBody)).toEqual({
    id: delivery!.event.id,
    type: 'invoice.paid',
    created: delivery!.createdAt,
    livemode: false,
    data: sampleData,
  });
  expect(request!.headers).toMatchObject({
    'x-revkeen-event': 'invoice.paid',
    'x-revkeen-delivery': delivery!.id,
    'x-revkeen-attempt': '1',
    'webhook-id': delivery!.event.id,
    'x-revkeen-signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
    'webhook-signature': expect.stringMatching(/^v1,/),
  });
});

it("sends data of the sender's own, and the sample for null", async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });

  for (const [index, data] of [{ mine: true }, 'text', 0, false, [], null].entries()) {
    await api.sendTestEvent({ endpointId: id, type: 'customer.created', data });
    const [request] = await receiver.receive(1, { after: index });
    const expected = data ?? expect.objectContaining({ id: expect.stringMatching(/^cus_/) });
    expect(JSON.parse(request!.rawBody).data).toEqual(expected);
  }
});

it('can send every type of the catalog, whatever the endpoint is subscribed to, and to that endpoint only', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: `${receiver.url}/tested`, eventTypes: ['chargeback.lost'] });
  await api.createEndpoint({ url: `${receiver.url}/other`, allEvents: true });
  const { eventTypes } = await api.request<{ eventTypes: { name: string }[] }>('{ eventTypes { name } }');

  const results = await Promise.all(eventTypes.map(({ name }) => api.sendTestEvent({ endpointId: id, type: name })));

  expect(results.map(({ delivery }) => delivery?.status)).toEqual(eventTypes.map(() => 'SUCCEEDED'));
  expect(new Set(receiver.requests.map(({ path }) => path))).toEqual(new Set(['/webhooks/tested']));
  expect(new Set(receiver.requests.map(({ headers }) => headers['x-revkeen-event']))).toEqual(
    new Set(eventTypes.map(({ name }) => name)),
  );
});

it('fails at once, is never retried, and leaves health, statistics and last delivery alone', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '1ms' } });
  const { api, receiver, database } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  const before = await endpointOf(setup, id);
  receiver.answer({ status: 500, body: 'out of order' });

  for (let count = 0; count < 6; count += 1) {
    const { delivery } = await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });
    expect(delivery).toMatchObject({
      status: 'FAILED',
      nextAttemptAt: null,
      completedAt: expect.any(String),
      attempts: [{ trigger: 'TEST', outcome: 'HTTP_ERROR', responseBody: 'out of order' }],
    });
    const { delivery: retried, userErrors } = await api.retryDelivery(delivery!.id);
    expect(retried).toBeNull();
    expect(userErrors).toEqual([{ field: ['id'], code: 'NOT_RETRYABLE', message: expect.any(String) }]);
  }
  receiver.answer({ status: 200 });
  await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });

  expect(await endpointOf(setup, id)).toEqual(before);
  expect(before).toMatchObject({ status: 'ACTIVE', successRate: 1, stats: { total: 1 } });
  expect(await database.query('select from webhooks_queue.job')).toEqual([]);
  expect(receiver.requests).toHaveLength(1 + 7);
});

it('leaves a failing endpoint failing, though the test event succeeds', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '' } });
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  receiver.answer({ status: 500 });
  await api.deliveryOf(await api.publishEvent('invoice.paid'), ({ status }) => status === 'FAILED');
  const before = await endpointOf(setup, id);
  receiver.answer({ status: 200 });

  const { delivery } = await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });

  expect(delivery!.status).toBe('SUCCEEDED');
  expect(await endpointOf(setup, id)).toEqual(before);
  expect(before).toMatchObject({ status: 'FAILING', successRate: 0 });
});

it('is in the delivery log, told apart by livemode', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const { delivery } = await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });

  expect((await api.deliveries({ livemode: false })).map((one) => one.id)).toEqual([delivery!.id]);
  expect(await api.deliveries({ livemode: true })).toEqual([]);
  expect((await api.page('events', {}, 'id livemode')).nodes).toEqual([{ id: delivery!.event.id, livemode: false }]);
});

it('refuses an unknown endpoint, an unknown type, and data that is too large, and sends nothing', async () => {
  await using setup = await setUp({ env: { MAX_EVENT_BYTES: '1KiB' } });
  const { api, receiver, database } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });

  for (const [input, field, code] of [
    [{ endpointId: 'ep_01h2e8kqvbfwea724h75qc655w', type: 'invoice.paid' }, 'endpointId', 'NOT_FOUND'],
    [{ endpointId: 'nonsense', type: 'invoice.paid' }, 'endpointId', 'NOT_FOUND'],
    [{ endpointId: id, type: 'no.such_type' }, 'type', 'UNKNOWN_EVENT_TYPE'],
    [{ endpointId: id, type: 'invoice.paid', data: 'x'.repeat(1_024) }, 'data', 'PAYLOAD_TOO_LARGE'],
  ]) {
    expect(await api.sendTestEvent(input as object)).toEqual({
      delivery: null,
      userErrors: [{ field: ['input', field], code, message: expect.any(String) }],
    });
  }

  expect(await database.query('select from webhooks.events')).toEqual([]);
  expect(receiver.requests).toEqual([]);
});

it('answers within the time-out and five seconds when the receiver hangs', async () => {
  await using setup = await setUp({ env: { ATTEMPT_TIMEOUT: '300ms' } });
  const { api, receiver } = setup;
  receiver.answer(() => undefined);
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const sentAtMs = performance.now();

  const { delivery } = await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });

  expect(performance.now() - sentAtMs).toBeLessThan(5_300);
  expect(delivery).toMatchObject({
    status: 'FAILED',
    attempts: [{ outcome: 'TIMEOUT', responseStatusCode: null, error: 'No answer within 300 ms' }],
  });
});

it('answers with the delivery as it stands when nobody sends it in time', async () => {
  await using setup = await setUp({ env: { ROLES: 'api', ATTEMPT_TIMEOUT: '1ms' } });
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });

  const { delivery, userErrors } = await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });

  expect(userErrors).toEqual([]);
  expect(delivery).toMatchObject({ status: 'PENDING', attemptCount: 0, attempts: [] });
});

/** What a test event must not change. */
async function endpointOf({ api }: Setup, id: string): Promise<unknown> {
  const { endpoint } = await api.request<{ endpoint: unknown }>(
    `query ($id: ID!) { endpoint(id: $id) { status successRate lastDeliveryAt lastDelivery { id } version updatedAt
      stats { total succeeded failed averageResponseTimeMs p95ResponseTimeMs } } }`,
    { id },
  );
  return endpoint;
}
