import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { type CollectedSpan, type Collector, startCollector } from '../support/collector.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type ServiceProcess, startProcess } from '../support/processes.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { API_KEY, testEnvironment, writeCa } from '../support/service.js';

/** What a caller is in the middle of, as its own tracing says. */
const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

const PAGE = join(import.meta.dirname, '../../docs/observability.md');

interface Setup extends AsyncDisposable {
  collector: Collector;
  receiver: Receiver;
  database: TestDatabase;
  start(role: string, env?: Record<string, string>): Promise<ServiceProcess>;
}

async function setUp(): Promise<Setup> {
  const opened = new AsyncDisposableStack();
  try {
    const collector = opened.adopt(await startCollector(), (one) => one.close());
    const receiver = opened.adopt(await startReceiver(), (one) => one.close());
    const database = opened.adopt(await createDatabase(), (one) => one.drop());
    const env = {
      ...testEnvironment(database.url),
      WEBHOOK_CA_FILE: opened.adopt(await writeCa(receiver.ca), (file) => rm(file)),
      RETRY_SCHEDULE: '100ms,100ms',
      LOG_LEVEL: 'debug',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
    const closing = opened.move();
    return {
      collector,
      receiver,
      database,
      start: async (role, more = {}) => closing.use(await startProcess({ env: { ...env, ROLES: role, ...more } })),
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  } finally {
    await opened.disposeAsync();
  }
}

/** Publishes as a program does that is traced itself. */
async function publish({ url }: ServiceProcess, input: object, traceParent?: string): Promise<string> {
  const query = `mutation ($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }`;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${API_KEY}`,
      'content-type': 'application/json',
      ...(traceParent !== undefined && { traceparent: traceParent }),
    },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data } = (await response.json()) as { data: { publishEvent: { event: { id: string } } } };
  return data.publishEvent.event.id;
}

function linesOf({ stderr }: ServiceProcess, message: string): Record<string, unknown>[] {
  const lines = stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  return lines.filter(({ msg }) => msg === message);
}

/** The trace as a person would draw it. */
function draw(spans: readonly CollectedSpan[], parentSpanId = CALLER.spanId, indent = ''): string[] {
  const children = spans.filter((span) => span.parentSpanId === parentSpanId);
  return children
    .sort((a, b) => a.startedAtMs - b.startedAtMs)
    .flatMap((span) => [
      [
        `${indent}${span.name}`,
        span.kind,
        span.attributes['webhooks.event.type'],
        span.attributes['webhooks.attempt.outcome'],
        span.attributes['http.response.status_code'],
      ]
        .filter((word) => word !== undefined)
        .join(' '),
      ...draw(spans, span.spanId, `${indent}  `),
    ]);
}

it('is one trace from the caller through publishing to every attempt, whichever process makes it', async () => {
  await using setup = await setUp();
  const { collector, receiver, database, start } = setup;
  const api = await start('api');
  const first = await start('dispatcher');
  const endpoint = await api.api(API_KEY).createEndpoint({
    url: receiver.url.replace('/webhooks', '/hooks/path-of-theirs?token=query-of-theirs'),
    allEvents: true,
    headers: [{ name: 'x-theirs', value: 'header-of-theirs', secret: true }],
  });
  receiver.answer((_request, _response, count) => (count < 3 ? { status: 503, body: 'answer-of-theirs' } : {}));

  const eventId = await publish(
    api,
    { type: 'invoice.paid', data: { note: 'data-of-theirs' } },
    `00-${CALLER.traceId}-${CALLER.spanId}-01`,
  );
  await receiver.receive(1);
  await first.stop();
  await using second = await start('dispatcher');
  await receiver.receive(3);
  const attempts = await collector.collect('POST', 3);

  const drawing = draw(collector.spans);
  expect(drawing).toEqual([
    'publish SERVER invoice.paid',
    '  POST CLIENT invoice.paid HTTP_ERROR 503',
    '  POST CLIENT invoice.paid HTTP_ERROR 503',
    '  POST CLIENT invoice.paid SUCCEEDED 200',
  ]);
  expect(await readFile(PAGE, 'utf8')).toContain(drawing.join('\n'));
  expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([CALLER.traceId]));
  expect(new Set(attempts.map(({ resource }) => resource['service.instance.id'])).size).toBe(2);
  const [delivery] = await api.api(API_KEY).deliveries();
  const { hostname, port } = new URL(receiver.url);
  expect(attempts.map(({ attributes }) => attributes)).toEqual(
    [503, 503, 200].map((status, index) => ({
      'http.request.method': 'POST',
      ...(index > 0 && { 'http.request.resend_count': index }),
      'server.address': hostname,
      'server.port': Number(port),
      'url.scheme': 'https',
      'http.response.status_code': status,
      ...(status !== 200 && { 'error.type': String(status) }),
      'messaging.message.id': eventId,
      'webhooks.account.id': 'default',
      'webhooks.event.type': 'invoice.paid',
      'webhooks.delivery.id': delivery!.id,
      'webhooks.delivery.status': status === 200 ? 'SUCCEEDED' : 'RETRYING',
      'webhooks.endpoint.id': endpoint.id,
      'webhooks.attempt.number': index + 1,
      'webhooks.attempt.trigger': 'SCHEDULED',
      'webhooks.attempt.outcome': status === 200 ? 'SUCCEEDED' : 'HTTP_ERROR',
    })),
  );
  expect(attempts.map(({ status }) => status.code)).toEqual(['ERROR', 'ERROR', 'UNSET']);
  for (const { startedAtMs, endedAtMs } of collector.spans) expect(endedAtMs).toBeGreaterThanOrEqual(startedAtMs);

  expect(collector.requests[0]).toMatchObject({ path: '/v1/traces', headers: { 'x-tenant': 'blue' } });
  expect(collector.spans[0]!.resource).toMatchObject({ 'service.name': 'revkeen-webhooks' });
  expect(Buffer.concat(collector.requests.map(({ bytes }) => bytes)).toString('latin1')).not.toMatch(/of-theirs/);
  expect(receiver.requests.flatMap(({ headers }) => Object.keys(headers))).not.toContain('traceparent');

  const published = linesOf(api, 'events published');
  const settled = [...linesOf(first, 'attempt settled'), ...linesOf(second, 'attempt settled')];
  expect([...published, ...settled].map(({ trace_id }) => trace_id)).toEqual(Array(4).fill(CALLER.traceId));
  expect(await database.query('select left(trace_parent, 35) as trace from webhooks.events')).toEqual([
    { trace: `00-${CALLER.traceId}` },
  ]);
});

it('keeps what the environment says of sampling and of the service, for all processes that meet a trace', async () => {
  await using setup = await setUp();
  const { collector, receiver, start } = setup;
  const env = {
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0',
    OTEL_SERVICE_NAME: 'hooks',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=tests',
  };
  const api = await start('api', env);
  const dispatcher = await start('dispatcher', { OTEL_SERVICE_NAME: 'hooks' });
  await api.api(API_KEY).createEndpoint({ url: receiver.url, allEvents: true });

  await publish(api, { type: 'invoice.paid', data: {} });
  await receiver.receive(1);
  await publish(api, { type: 'invoice.paid', data: {} }, `00-${CALLER.traceId}-${CALLER.spanId}-01`);
  await receiver.receive(2);
  await Promise.all([api.stop(), dispatcher.stop()]);

  expect(draw(collector.spans)).toEqual(['publish SERVER invoice.paid', '  POST CLIENT invoice.paid SUCCEEDED 200']);
  expect(collector.spans).toHaveLength(2);
  const [span] = await collector.collect('publish', 1);
  expect(span!.resource).toMatchObject({ 'service.name': 'hooks', 'deployment.environment.name': 'tests' });
});

it('tells the collector what it has left to tell before it stops', async () => {
  await using setup = await setUp();
  const { collector, receiver, start } = setup;
  const service = await start('api,dispatcher', { OTEL_BSP_SCHEDULE_DELAY: '600000' });
  await service.api(API_KEY).createEndpoint({ url: receiver.url, allEvents: true });
  await publish(service, { type: 'invoice.paid', data: {} });
  await receiver.receive(1);
  expect(collector.spans).toEqual([]);

  expect(await service.stop()).toMatchObject({ code: 0 });

  expect(collector.spans.map(({ name }) => name).sort()).toEqual(['POST', 'publish']);
});

it.each([
  ['breaks', 500],
  ['never answers', null],
])('delivers as ever, warns once and stops in time while the collector %s', async (_what, status) => {
  await using setup = await setUp();
  const { collector, receiver, start } = setup;
  collector.answer(status);
  const service = await start('api,dispatcher', { OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
  await service.api(API_KEY).createEndpoint({ url: receiver.url, allEvents: true });
  const warnings = () => linesOf(service, WARNING);

  await publish(service, { type: 'invoice.paid', data: {} });
  await eventually('a warning', async () => warnings().length > 0);
  const before = collector.requests.length;
  for (let index = 0; index < 5; index += 1) await publish(service, { type: 'invoice.paid', data: {} });
  await receiver.receive(6);
  await eventually('more requests to the collector', async () => collector.requests.length > before + 1);

  expect(await service.stop()).toMatchObject({ code: 0 });
  expect(warnings()).toHaveLength(1);
  expect(collector.spans).toEqual([]);
});

it('stops all the same when the collector keeps what is left to tell it waiting for ever', async () => {
  await using setup = await setUp();
  const { collector, receiver, start } = setup;
  collector.answer(null);
  const env = { OTEL_BSP_SCHEDULE_DELAY: '600000', OTEL_EXPORTER_OTLP_TIMEOUT: '600000' };
  const service = await start('api,dispatcher', env);
  await service.api(API_KEY).createEndpoint({ url: receiver.url, allEvents: true });
  await publish(service, { type: 'invoice.paid', data: {} });
  await receiver.receive(1);

  expect(await service.stop()).toMatchObject({ code: 0 });
  expect(collector.requests).toHaveLength(1);
});

it('tells and writes nothing while traces are off, whatever a caller sends', async () => {
  await using setup = await setUp();
  const { collector, receiver, database, start } = setup;
  const service = await start('api,dispatcher', { OTEL_SDK_DISABLED: 'true' });
  await service.api(API_KEY).createEndpoint({ url: receiver.url, allEvents: true });

  await publish(service, { type: 'invoice.paid', data: {} }, `00-${CALLER.traceId}-${CALLER.spanId}-01`);
  await receiver.receive(1);
  await service.stop();

  expect(collector.requests).toEqual([]);
  expect(await database.query('select distinct trace_parent from webhooks.events')).toEqual([{ trace_parent: null }]);
  expect(service.stderr).not.toContain('trace_id');
});

const WARNING = 'traces not delivered to the collector; deliveries go on, further warnings in ten minutes';
