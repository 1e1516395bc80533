import { expect, it } from '@jest/globals';
import { startReceiver } from '../support/receiver.js';
import { setUp } from '../support/service.js';

const KIB = 1_024;

it('tells of a delivery what was sent when, what came back, and how long that took', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  receiver.answer({
    status: 202,
    headers: { 'X-Trace': 'abc', 'Set-Cookie': ['a=1', 'b=2'] },
    body: 'thank you',
    delayMs: 40,
  });
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid', { total: 5292 });
  const [request] = await receiver.receive(1);

  const delivery = await api.deliveryOf(event);

  expect(delivery).toMatchObject({
    id: expect.stringMatching(/^dlv_/),
    eventType: 'invoice.paid',
    status: 'SUCCEEDED',
    attemptCount: 1,
    nextAttemptAt: null,
    createdAt: event.createdAt,
    event: { id: event.id, type: 'invoice.paid', livemode: true },
    endpoint: { id: endpoint.id },
  });
  const [attempt] = delivery.attempts;
  expect(attempt).toMatchObject({
    id: expect.stringMatching(/^att_/),
    number: 1,
    trigger: 'SCHEDULED',
    outcome: 'SUCCEEDED',
    requestBody: request!.rawBody,
    responseStatusCode: 202,
    responseBody: 'thank you',
    responseBodyTruncated: false,
    error: null,
  });
  const startedAt = new Date(attempt!.startedAt).getTime();
  expect(startedAt).toBeGreaterThanOrEqual(new Date(event.createdAt).getTime());
  expect(startedAt).toBeLessThanOrEqual(request!.receivedAt.getTime());
  expect(attempt!.responseTimeMs).toBeGreaterThanOrEqual(39);
  expect(delivery.completedAt).toBe(new Date(startedAt + attempt!.responseTimeMs).toISOString());
  const { host, connection, 'content-length': length, ...sent } = request!.headers;
  expect(Object.fromEntries(attempt!.requestHeaders.map(({ name, value }) => [name, value]))).toEqual(sent);
  for (const [name, value] of [
    ['x-trace', 'abc'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]) {
    expect(attempt!.responseHeaders).toContainEqual({ name, value, secret: false });
  }
});

it('tells what each attempt came to, with what came back or why nothing did', async () => {
  await using opened = new AsyncDisposableStack();
  const expired = opened.adopt(await startReceiver({ flaw: 'expired' }), (one) => one.close());
  const target = opened.adopt(await startReceiver(), (one) => one.close());
  const closed = await startReceiver();
  await closed.close();
  const privateUrl = 'https://10.0.0.1/';
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '', ATTEMPT_TIMEOUT: '1s' } });
  const { api, receiver, database } = setup;
  receiver.answer(({ path }, response) => {
    if (path.endsWith('/404')) return { status: 404, body: 'no such thing' };
    if (path.endsWith('/302')) return { status: 302, headers: { location: target.url } };
    if (path.endsWith('/stalls')) response.writeHead(200).write('half of ');
    return undefined;
  });
  const expectations = {
    [`${receiver.url}/404`]: { outcome: 'HTTP_ERROR', responseStatusCode: 404, responseBody: 'no such thing' },
    [`${receiver.url}/302`]: { outcome: 'REDIRECT', responseStatusCode: 302, responseBody: '' },
    [`${receiver.url}/hangs`]: { outcome: 'TIMEOUT', error: 'No answer within 1 s' },
    [`${receiver.url}/stalls`]: { outcome: 'TIMEOUT', error: 'The response did not end within 1 s' },
    [closed.url]: { outcome: 'CONNECTION_ERROR', error: 'Connection refused' },
    [expired.url]: { outcome: 'TLS_ERROR', error: 'TLS: certificate has expired' },
    // Too long a name for DNS, so that no server is asked.
    [`https://${'x'.repeat(64)}.example/`]: { outcome: 'DNS_ERROR', error: expect.stringMatching(/^Host name/) },
    [privateUrl]: { outcome: 'BLOCKED_ADDRESS', error: 'The address is not one that the service may call' },
  };
  for (const url of Object.keys(expectations)) {
    await api.createEndpoint({ url: url === privateUrl ? 'https://example.com/' : url, allEvents: true });
  }
  // As if the operator had closed the range since the endpoint was created.
  await database.query(`update webhooks.endpoints set url = $1 where url = 'https://example.com/'`, [privateUrl]);

  const { event, deliveryCount } = await api.tryToPublish({ type: 'invoice.paid', data: {} });

  expect(deliveryCount).toBe(8);
  await Promise.all(
    Object.entries(expectations).map(async ([url, expected]) => {
      const { endpoint } = (await api.deliveries({ eventId: event!.id })).find((one) => one.endpoint.url === url)!;
      const delivery = await api.deliveryOf({ id: event!.id }, ({ status }) => status === 'FAILED', endpoint.id);
      const [attempt] = delivery.attempts;
      const nothing = { responseStatusCode: null, responseBody: null, error: null };
      expect(attempt).toMatchObject({
        ...nothing,
        ...expected,
        responseBodyTruncated: false,
        requestBody: event!.body,
      });
      if ('error' in expected) expect(attempt!.responseHeaders).toEqual([]);
      expect(attempt!.responseTimeMs).toBeLessThan(3_000);
    }),
  );
  expect(target.connections).toBe(0);
});

it('keeps the first 64 KiB of a response as text, whatever the bytes', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const whole = 'ü'.repeat(32 * KIB);

  for (const [body, responseBody, responseBodyTruncated] of [
    ['', '', false],
    [whole, whole, false],
    [`${whole}.`, whole, true],
    [`.${whole}`, `.${whole.slice(1)}`, true],
    [Buffer.alloc(2 * 1_024 * KIB, 'x'), 'x'.repeat(64 * KIB), true],
    ['a\0b', 'a\ufffdb', false],
    [
      Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
      expect.stringMatching(/^a\ufffd+\(\ufffd+$/),
      false,
    ],
  ] as const) {
    receiver.answer({ status: 200, body });
    const { attempts } = await api.deliveryOf(await api.publishEvent('invoice.paid'));
    expect(attempts).toMatchObject([{ responseStatusCode: 200, responseBody, responseBodyTruncated }]);
  }
});

it('lists every attempt of a delivery, oldest first, each a new version', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '10ms,20ms' } });
  const { api, receiver } = setup;
  receiver.answer((_request, _response, count) => ({ status: [500, 301, 204][count - 1]! }));
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');

  const delivery = await api.deliveryOf(event);

  expect(delivery.attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
    [1, 'HTTP_ERROR'],
    [2, 'REDIRECT'],
    [3, 'SUCCEEDED'],
  ]);
  expect(delivery).toMatchObject({ attemptCount: 3, version: 4 });
  const { delivery: last } = await api.request<{ delivery: { lastAttempt: object } }>(
    'query ($id: ID!) { delivery(id: $id) { lastAttempt { id number } } }',
    { id: delivery.id },
  );
  expect(last.lastAttempt).toEqual({ id: delivery.attempts[2]!.id, number: 3 });
});

it('finds an endpoint, an event, a delivery and an attempt by ID alone', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const endpoint = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  const delivery = await api.deliveryOf(event);
  const query = `query ($id: ID!) { node(id: $id) { __typename id
    ... on WebhookEndpoint { url } ... on WebhookEvent { body } ... on Delivery { status } ... on DeliveryAttempt { requestBody } } }`;

  for (const [id, expected] of [
    [endpoint.id, { __typename: 'WebhookEndpoint', url: receiver.url }],
    [event.id, { __typename: 'WebhookEvent', body: event.body }],
    [delivery.id, { __typename: 'Delivery', status: 'SUCCEEDED' }],
    [delivery.attempts[0]!.id, { __typename: 'DeliveryAttempt', requestBody: event.body }],
  ] as const) {
    expect(await api.request(query, { id })).toEqual({ node: { id, ...expected } });
  }
});
