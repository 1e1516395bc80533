import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient, UserError } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { type SeveralServices, setUpSeveral } from '../support/several-services.js';

interface TypeView {
  name: string;
  category: string;
  description: string;
  sampleData: unknown;
  dataSchema: unknown;
  deprecatedAt: string | null;
  deprecationReason: string | null;
}

interface Changed {
  eventType: TypeView | null;
  userErrors: UserError[];
}

const TYPE = 'name category description sampleData dataSchema deprecatedAt deprecationReason';
const PAYLOAD = `{ eventType { ${TYPE} } userErrors { field code message } }`;

let services: SeveralServices;
/** The same service, in two processes. */
let here: ApiClient;
let there: ApiClient;

beforeAll(async () => {
  services = await setUpSeveral({ roles: ['api,dispatcher', 'api'] });
  [here, there] = services.apis as [ApiClient, ApiClient];
});

afterAll(async () => {
  await services?.[Symbol.asyncDispose]();
});

async function change(field: string, input: object, api = here): Promise<Changed> {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}EventTypeInput!`;
  const document = `mutation ($input: ${type}) { changed: ${field}EventType(input: $input) ${PAYLOAD} }`;
  return (await api.request<{ changed: Changed }>(document, { input })).changed;
}

async function register(input: object, api = here): Promise<Changed> {
  return change('register', { category: 'Orders', description: 'Sent when it is.', sampleData: {}, ...input }, api);
}

async function deprecate(name: string, reason?: string): Promise<Changed> {
  const document = `mutation ($name: String!, $reason: String) {
    changed: deprecateEventType(name: $name, reason: $reason) ${PAYLOAD} }`;
  return (await here.request<{ changed: Changed }>(document, { name, reason })).changed;
}

async function typesOf(api: ApiClient): Promise<Map<string, TypeView>> {
  const { eventTypes } = await api.request<{ eventTypes: TypeView[] }>(`{ eventTypes { ${TYPE} } }`);
  return new Map(eventTypes.map((type) => [type.name, type]));
}

const mistakesOf = ({ userErrors }: { userErrors: UserError[] }) =>
  userErrors.map(({ field, code }) => `${field?.join('.')} ${code}`);

it('does what the documentation shows', async () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/event-types.md'), 'utf8');
  const listings = [...guide.matchAll(/^```(graphql|json)\n(.*?)^```$/gms)].map(([, , listing]) => listing!);
  const [registers, refusal, deprecates] = listings as [string, string, string];
  expect(await here.request(registers)).toMatchObject({ registerEventType: { userErrors: [] } });
  const { userErrors } = await here.tryToPublish({ type: 'order.shipped', data: { id: 'inv_1' } });
  expect(userErrors).toEqual([JSON.parse(refusal)]);
  await register({ name: 'order.faxed' });
  expect(await here.request(deprecates)).toMatchObject({ deprecateEventType: { userErrors: [] } });
  await here.request('mutation { reinstateEventType(name: "order.faxed") { userErrors { code } } }');
});

describe('an event type that is registered', () => {
  it('can be published and received through every process at once', async () => {
    const description = 'Sent when an order has left the warehouse.';
    const sampleData = { id: 'ord_1', carrier: 'Post' };
    const { eventType } = await register({ name: 'order.sent', description, sampleData });
    expect(eventType).toEqual({
      name: 'order.sent',
      category: 'Orders',
      description,
      sampleData,
      dataSchema: null,
      deprecatedAt: null,
      deprecationReason: null,
    });

    const endpoint = await there.createEndpoint({ url: services.receiver.url, eventTypes: ['order.sent'] });
    const event = await there.publishEvent('order.sent', { id: 'ord_2' });
    const delivery = await here.deliveryOf(event);

    expect(delivery).toMatchObject({ status: 'SUCCEEDED', eventType: 'order.sent', endpoint: { id: endpoint.id } });
    expect(services.receiver.requests.at(-1)!.headers).toMatchObject({ 'x-revkeen-event': 'order.sent' });
    expect((await typesOf(there)).get('order.sent')).toEqual(eventType);
    const test = await there.sendTestEvent({ endpointId: endpoint.id, type: 'order.sent' });
    expect(JSON.parse(test.delivery!.attempts[0]!.requestBody).data).toEqual(sampleData);
  });

  it('can be registered again as it is, by several at once, and not otherwise', async () => {
    const input = { name: 'order.packed', sampleData: { id: 'ord_1' } };
    const all = await Promise.all([here, there, here, there].map((api) => register(input, api)));
    for (const { eventType, userErrors } of all) {
      expect(userErrors).toEqual([]);
      expect(eventType).toMatchObject({ name: 'order.packed' });
    }

    const other = await register({ ...input, description: 'Sent when it is packed.' });
    expect(mistakesOf(other)).toEqual(['input.name INVALID']);
    expect(other.userErrors[0]!.message).toContain('updateEventType');
    expect(mistakesOf(await register({ name: 'invoice.paid' }))).toEqual(['input.name INVALID']);
    expect((await typesOf(here)).get('order.packed')).toMatchObject({ description: 'Sent when it is.' });
  });

  it('is told all that is wrong with it', async () => {
    const refused = await register({
      name: 'order.*',
      category: ' ',
      description: 'x'.repeat(1_001),
      sampleData: 'x'.repeat(65_536),
      dataSchema: { type: 'objet' },
    });
    expect(mistakesOf(refused)).toEqual([
      'input.name INVALID',
      'input.category INVALID',
      'input.description TOO_LONG',
      'input.sampleData TOO_LONG',
      'input.dataSchema INVALID',
    ]);
    expect(refused.userErrors.at(-1)!.message).toContain('schema/type must be');
    expect(await typesOf(here).then((types) => types.has('order.*'))).toBe(false);
  });

  it('takes the scope catalog:admin', async () => {
    const { api } = await here.createApiKey(['endpoints:write', 'events:write', 'keys:admin']);
    const input = { name: 'a.b', category: 'A', description: 'B', sampleData: {} };
    const { errors } = await api.send(
      'mutation ($input: RegisterEventTypeInput!) { registerEventType(input: $input) { eventType { name } } }',
      { input },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('can have its words and its sample changed, and so can a built-in type', async () => {
    await register({ name: 'order.lost' });
    const changed = await change('update', {
      name: 'order.lost',
      description: 'Sent when nobody knows.',
      sampleData: { id: 1 },
    });
    expect(changed.eventType).toMatchObject({
      category: 'Orders',
      description: 'Sent when nobody knows.',
      sampleData: { id: 1 },
    });

    await change('update', { name: 'customer.created', category: 'People' });
    const types = [...(await typesOf(there)).values()];
    expect(types.find(({ name }) => name === 'customer.created')).toMatchObject({ category: 'People' });
    expect(types[0]!.name).toBe('payment.succeeded');
    expect(mistakesOf(await change('update', { name: 'order.none', category: 'X' }))).toEqual([
      'input.name UNKNOWN_EVENT_TYPE',
    ]);
    expect(mistakesOf(await change('update', { name: 'order.lost', category: null, sampleData: null }))).toEqual([
      'input.category INVALID',
      'input.sampleData INVALID',
    ]);
  });
});

it('keeps what several change of a type at once', async () => {
  await register({ name: 'order.shared' });
  for (let round = 0; round < 10; round += 1) {
    const said = { category: `Category ${round}`, description: `Description ${round}`, sampleData: { round } };
    await Promise.all(
      Object.entries(said).map(([field, value], index) =>
        change('update', { name: 'order.shared', [field]: value }, index % 2 === 0 ? here : there),
      ),
    );
    expect((await typesOf(there)).get('order.shared')).toMatchObject(said);
  }
});

describe('a schema of the data', () => {
  const dataSchema = {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string', pattern: '^ord_' },
      items: { type: 'array', items: { type: 'object', required: ['sku'] } },
    },
  };

  beforeAll(async () => {
    await register({ name: 'order.paid', sampleData: { id: 'ord_1' }, dataSchema });
  });

  it('is enforced on what is published, and names the path', async () => {
    const { event, userErrors } = await here.tryToPublish({ type: 'order.paid', data: { id: 'inv_1', items: [{}] } });
    expect(event).toBeNull();
    expect(userErrors).toEqual([
      {
        field: ['input', 'data', 'id'],
        code: 'INVALID',
        message: 'By the schema of `order.paid`, `data.id` must match pattern "^ord_".',
      },
      {
        field: ['input', 'data', 'items', '0', 'sku'],
        code: 'INVALID',
        message: 'By the schema of `order.paid`, `data.items.0.sku` is missing.',
      },
    ]);

    const many = await here.publishEvents([
      { type: 'order.paid', data: { id: 'ord_1' } },
      { type: 'order.paid', data: [] },
    ]);
    expect(mistakesOf(many)).toEqual(['input.1.data INVALID']);
    expect(many.results).toEqual([]);
    expect((await here.tryToPublish({ type: 'order.paid', data: { id: 'ord_2' } })).userErrors).toEqual([]);
  });

  it('is satisfied by the sample data, whichever of them changes', async () => {
    expect(mistakesOf(await register({ name: 'order.x', sampleData: { id: 1 }, dataSchema }))).toEqual([
      'input.sampleData.id INVALID',
    ]);
    expect(mistakesOf(await change('update', { name: 'order.paid', sampleData: {} }))).toEqual([
      'input.sampleData.id INVALID',
    ]);
    const stricter = { ...dataSchema, required: ['id', 'total'] };
    expect(mistakesOf(await change('update', { name: 'order.paid', dataSchema: stricter }))).toEqual([
      'input.sampleData.total INVALID',
    ]);
    const properties = Object.fromEntries(Array.from({ length: 2_400 }, (_, index) => [`p${index}`, { type: 'null' }]));
    for (const unusable of [{ $ref: '#' }, { properties }]) {
      const refused = await register({ name: 'order.y', dataSchema: unusable });
      expect(mistakesOf(refused)).toEqual(['input.dataSchema INVALID']);
      expect(refused.userErrors[0]!.message).toContain('too large');
    }
  });

  it('that goes in circles for some data only refuses that data', async () => {
    const circular = { if: { properties: { parent: false } }, else: { $ref: '#' } };
    expect((await register({ name: 'order.split', dataSchema: circular })).userErrors).toEqual([]);
    const refused = await here.tryToPublish({ type: 'order.split', data: { parent: 'ord_1' } });
    expect(mistakesOf(refused)).toEqual(['input.data INVALID']);
    expect(refused.userErrors[0]!.message).toContain('refers to itself without end');
    expect((await here.tryToPublish({ type: 'order.split', data: {} })).userErrors).toEqual([]);
  });

  it('holds in other processes as well once it has changed, and no longer once it is taken away', async () => {
    await register({ name: 'order.held', sampleData: { id: 'ord_1' } });
    expect((await there.tryToPublish({ type: 'order.held', data: {} })).userErrors).toEqual([]);
    await change('update', { name: 'order.held', dataSchema });
    await eventually('the schema holds there', async () => {
      const published = await there.tryToPublish({ type: 'order.held', data: {} });
      return mistakesOf(published).join() === 'input.data.id INVALID';
    });
    await change('update', { name: 'order.held', dataSchema: null });
    expect((await here.tryToPublish({ type: 'order.held', data: {} })).userErrors).toEqual([]);
  });

  it('says nothing of test events, nor of what the service itself publishes', async () => {
    const endpoint = await here.createEndpoint({ url: services.receiver.url, eventTypes: ['order.paid'] });
    const { delivery } = await here.sendTestEvent({ endpointId: endpoint.id, type: 'order.paid', data: { id: 7 } });
    expect(delivery!.status).toBe('SUCCEEDED');
    const refused = await change('update', { name: 'endpoint.failing', dataSchema: true });
    expect(mistakesOf(refused)).toEqual(['input.dataSchema INVALID']);
  });
});

describe('a deprecated event type', () => {
  it('goes on as before, with the reason beside it, until it is reinstated', async () => {
    await register({ name: 'order.faxed' });
    const { eventType } = await deprecate('order.faxed', 'Use `order.mailed`.');
    expect(eventType).toMatchObject({ deprecatedAt: expect.any(String), deprecationReason: 'Use `order.mailed`.' });
    expect((await deprecate('order.faxed')).eventType).toEqual({ ...eventType, deprecationReason: null });
    const endpoint = await here.createEndpoint({ url: services.receiver.url, eventTypes: ['order.faxed'] });
    expect(await here.deliveryOf(await here.publishEvent('order.faxed'))).toMatchObject({
      endpoint: { id: endpoint.id },
    });

    const { changed } = await here.request<{ changed: Changed }>(
      `mutation { changed: reinstateEventType(name: "order.faxed") ${PAYLOAD} }`,
    );
    expect(changed.eventType).toMatchObject({ deprecatedAt: null, deprecationReason: null });
  });

  it('is not counted for who receives all events, as if it had gone from the catalog', async () => {
    const { id, eventTypeCount } = await here.createEndpoint({ url: services.receiver.url, allEvents: true });
    await deprecate('checkout.abandoned');
    expect((await here.endpoint(id))!.eventTypeCount).toBe(eventTypeCount - 1);
    expect(mistakesOf(await deprecate('no.such'))).toEqual(['name UNKNOWN_EVENT_TYPE']);
    expect(mistakesOf(await deprecate('checkout.abandoned', 'x'.repeat(1_001)))).toEqual(['reason TOO_LONG']);
  });
});

it('has room for 1,000 types, all of which can be registered again as they are', async () => {
  await register({ name: 'order.last' });
  await services.database.query(
    `insert into webhooks.event_types (name, category, description, sample_data, created_at, updated_at)
     select 'filler.' || number, 'Fillers', 'Sent when it is.', '{}', now(), now() from generate_series(1, 1000) number`,
  );
  expect((await typesOf(here)).has('filler.1000')).toBe(true);
  expect((await register({ name: 'order.last' })).userErrors).toEqual([]);
  expect(mistakesOf(await register({ name: 'order.more' }))).toEqual(['input.name TOO_MANY']);
});
