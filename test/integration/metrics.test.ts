import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { LiveClient } from '../support/live.js';
import { type Samples, scrape } from '../support/metrics.js';
import { type Setup, setUp } from '../support/service.js';

let setup: Setup;
let url: string;

beforeAll(async () => {
  setup = await setUp({ env: { METRICS_PORT: '0', RETRY_SCHEDULE: '1h' } });
  url = setup.service.metricsUrl!;
});

afterAll(async () => setup[Symbol.asyncDispose]());

/** Waits until one scrape says all of it. */
async function expectSamples(expected: Record<string, number>): Promise<Samples> {
  const names = Object.keys(expected);
  let last: Record<string, number | undefined> = {};
  try {
    return await eventually('the metrics', async () => {
      const samples = await scrape(url);
      last = Object.fromEntries(names.map((name) => [name, samples.get(name)]));
      return names.every((name) => last[name] === expected[name]) && samples;
    });
  } catch {
    expect(last).toEqual(expected);
    throw new Error('The metrics came right after the last look');
  }
}

describe('the metrics', () => {
  it('tell nothing before anything has happened, and have a unit and a help each', async () => {
    const samples = await expectSamples({
      webhooks_events_published_total: 0,
      webhooks_deliveries_due: 0,
      webhooks_oldest_due_delivery_age_seconds: 0,
      webhooks_deliveries_held: 0,
      'webhooks_endpoints{status="ACTIVE"}': 0,
    });
    const own = [...samples.keys()].filter((name) => name.startsWith('webhooks_'));
    expect(own.length).toBeGreaterThan(20);
    const text = await (await fetch(url)).text();
    for (const name of new Set(own.map((sample) => sample.split('{')[0]!.replace(/_(bucket|sum|count)$/, '')))) {
      expect(text).toMatch(new RegExp(`^# HELP ${name}\\S* \\S`, 'm'));
    }
  });

  it('count what is published, attempted, failed, due and held', async () => {
    const { api, receiver } = setup;
    receiver.answer((request) => ({ status: request.headers['x-revkeen-event'] === 'invoice.paid' ? 200 : 500 }));
    const endpoint = await api.createEndpoint({ url: receiver.url, eventTypes: ['invoice.paid', 'payment.failed'] });
    const idle = await api.createEndpoint({ url: receiver.url, eventTypes: ['customer.created'] });
    await api.disableEndpoint(idle.id);
    await api.publishEvents([{ type: 'invoice.paid', data: {}, idempotencyKey: 'once' }]);
    await api.publishEvents([{ type: 'invoice.paid', data: {}, idempotencyKey: 'once' }]);
    await api.publishEvent('payment.failed');
    await api.publishEvent('customer.created');
    await api.publishEvent('customer.created');
    await api.sendTestEvent({ endpointId: endpoint.id, type: 'invoice.paid' });

    const samples = await expectSamples({
      webhooks_events_published_total: 4,
      'webhooks_attempts_total{outcome="SUCCEEDED",trigger="SCHEDULED"}': 1,
      'webhooks_attempts_total{outcome="HTTP_ERROR",trigger="SCHEDULED"}': 1,
      'webhooks_attempts_total{outcome="SUCCEEDED",trigger="TEST"}': 1,
      webhooks_attempt_duration_seconds_count: 3,
      webhooks_first_attempt_latency_seconds_count: 2,
      webhooks_deliveries_failed_total: 0,
      webhooks_deliveries_due: 0,
      webhooks_deliveries_held: 2,
      'webhooks_endpoints{status="ACTIVE"}': 1,
      'webhooks_endpoints{status="DISABLED"}': 1,
      'webhooks_endpoints{status="FAILING"}': 0,
    });
    expect(samples.get('webhooks_first_attempt_latency_seconds_sum')).toBeLessThan(30);
    expect(samples.get('webhooks_database_connections{pool="revkeen-webhooks dispatch",state="idle"}')).toBeGreaterThan(
      0,
    );
  });

  it('count what used up its retries', async () => {
    const { api, receiver } = setup;
    const endpoint = await api.createEndpoint({
      url: receiver.url,
      eventTypes: ['chargeback.opened'],
      retryScheduleSeconds: [],
    });
    await api.publishEvent('chargeback.opened');
    await expectSamples({ webhooks_deliveries_failed_total: 1, 'webhooks_endpoints{status="FAILING"}': 1 });
    await api.deleteEndpoint(endpoint.id);
    await expectSamples({ 'webhooks_endpoints{status="FAILING"}': 0 });
  });

  it('tell how long the oldest due delivery has been waiting', async () => {
    const { api, receiver } = setup;
    receiver.answer({});
    const release = receiver.holdAnswers();
    await api.createEndpoint({ url: receiver.url, eventTypes: ['checkout.completed'] });
    await api.publishEvent('checkout.completed');

    await eventually('an age of more than a second', async () => {
      const samples = await scrape(url);
      return (
        samples.get('webhooks_deliveries_due') === 1 && samples.get('webhooks_oldest_due_delivery_age_seconds')! > 1
      );
    });
    release();
    await expectSamples({ webhooks_deliveries_due: 0, webhooks_oldest_due_delivery_age_seconds: 0 });
  });

  it('count subscriptions, and say that they are up to date', async () => {
    await expectSamples({ webhooks_subscriptions: 0, webhooks_feed_lag_seconds: 0 });
    {
      await using live = await LiveClient.connect(setup.api);
      const updates = live.subscribe<{ deliveryUpdated: { kind: string } }>(
        'subscription { deliveryUpdated { kind } }',
      );
      await updates.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'READY');
      const samples = await expectSamples({ webhooks_subscriptions: 1 });
      expect(samples.get('webhooks_feed_lag_seconds')).toBeLessThan(15);
    }
    await expectSamples({ webhooks_subscriptions: 0 });
  });

  it('count errors that callers are told, by code, over HTTP and over sockets', async () => {
    await setup.api.send('{ nothing }');
    await setup.api.send('{ deliveries(first: 101) { nodes { id } } }');
    await using live = await LiveClient.connect(setup.api);
    const refused = live.subscribe('subscription { nothing }');
    expect(await refused.errors()).toHaveLength(1);
    await expectSamples({
      'webhooks_graphql_errors_total{code="GRAPHQL_VALIDATION_FAILED"}': 2,
      'webhooks_graphql_errors_total{code="BAD_USER_INPUT"}': 1,
    });
  });

  it('are on a port of their own, and nothing else is', async () => {
    const response = await fetch(url.replace('/metrics', '/graphql'));
    expect(response.status).toBe(404);
    expect((await fetch(`${setup.service.url}/metrics`)).status).toBe(404);
  });
});
