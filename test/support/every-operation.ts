import 'reflect-metadata';
import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from 'graphql';

/** What an account has one of. */
export interface Ids {
  endpoint: string;
  event: string;
  delivery: string;
  attempt: string;
  bulkRetry: string;
  apiKey: string;
  /** Where its endpoint is, so that another can be made beside it. */
  url: string;
}

/** One query, mutation or subscription, as somebody asks for it who knows these ids. */
export interface Operation {
  /** Such as `Mutation.publishEvent`. */
  name: string;
  kind: 'query' | 'mutation' | 'subscription';
  field: string;
  document: string;
  variables(ids: Ids): Record<string, unknown>;
  /** What it takes to run it. */
  scopes: readonly string[];
  /** What its field answers to a stranger; undefined where a stranger sees what is the stranger's. */
  toStrangers?: unknown;
}

interface Sample extends Pick<Operation, 'scopes' | 'toStrangers'> {
  args?: (ids: Ids) => Record<string, unknown>;
  select: string;
}

const USER_ERRORS = 'userErrors { field code message }';
const NOTHING_THERE = { userErrors: [{ code: 'NOT_FOUND' }] };
const EMPTY = { nodes: [], totalCount: 0 };

/** In an order in which each finds what it needs, though all run one after the other: what destroys comes last. */
const SAMPLES: Record<string, Sample> = {
  'Query.node': {
    scopes: ['deliveries:read'],
    args: ({ attempt }) => ({ id: attempt }),
    select: '{ id }',
    toStrangers: null,
  },
  'Query.viewer': { scopes: [], select: '{ accountId scopes }' },
  'Query.eventTypes': { scopes: [], select: '{ name category }' },
  'Query.endpoint': {
    scopes: ['endpoints:read'],
    args: ({ endpoint }) => ({ id: endpoint }),
    select: '{ id url status successRate heldCount stats { total series { at } } headers { name } }',
    toStrangers: null,
  },
  'Query.endpoints': {
    scopes: ['endpoints:read'],
    args: ({ url }) => ({ filter: { search: url } }),
    select: '{ nodes { id } edges { cursor } pageInfo { endCursor } totalCount }',
  },
  'Query.checkEndpointUrl': {
    scopes: ['endpoints:write'],
    args: ({ url }) => ({ url }),
    select: '{ field code message }',
  },
  'Query.event': {
    scopes: ['events:read'],
    args: ({ event }) => ({ id: event }),
    select: '{ id data body }',
    toStrangers: null,
  },
  'Query.events': { scopes: ['events:read'], select: '{ nodes { id } edges { cursor } pageInfo { endCursor } }' },
  'Query.delivery': {
    scopes: ['deliveries:read'],
    args: ({ delivery }) => ({ id: delivery }),
    select: '{ id eventType lastAttempt { id } attempts { id requestBody responseBody } }',
    toStrangers: null,
  },
  'Query.deliveries': {
    scopes: ['deliveries:read'],
    args: ({ endpoint, event }) => ({ filter: { endpointIds: [endpoint], eventId: event } }),
    select: '{ nodes { id } totalCount }',
    toStrangers: EMPTY,
  },
  'Query.bulkRetry': {
    scopes: ['deliveries:read'],
    args: ({ bulkRetry }) => ({ id: bulkRetry }),
    select: '{ id total }',
    toStrangers: null,
  },
  'Query.runningBulkRetries': { scopes: ['deliveries:read'], select: '{ id total }', toStrangers: [] },
  'Query.apiKeys': { scopes: ['keys:admin'], select: '{ nodes { id hint } edges { cursor } }' },
  'Mutation.createEndpoint': {
    scopes: ['endpoints:write'],
    args: ({ url }) => ({ input: { url: `${url}/beside`, allEvents: true } }),
    select: `{ endpoint { id url } signingSecret ${USER_ERRORS} }`,
  },
  'Mutation.updateEndpoint': {
    scopes: ['endpoints:write'],
    args: ({ endpoint }) => ({ input: { id: endpoint, description: 'Changed by whoever was let in' } }),
    select: `{ endpoint { id version } ${USER_ERRORS} }`,
    toStrangers: { endpoint: null, ...NOTHING_THERE },
  },
  'Mutation.disableEndpoint': {
    scopes: ['endpoints:write'],
    args: ({ endpoint }) => ({ id: endpoint }),
    select: `{ endpoint { id status } ${USER_ERRORS} }`,
    toStrangers: { endpoint: null, ...NOTHING_THERE },
  },
  'Mutation.enableEndpoint': {
    scopes: ['endpoints:write'],
    args: ({ endpoint }) => ({ id: endpoint }),
    select: `{ endpoint { id status } ${USER_ERRORS} }`,
    toStrangers: { endpoint: null, ...NOTHING_THERE },
  },
  'Mutation.rotateSigningSecret': {
    scopes: ['endpoints:write'],
    args: ({ endpoint }) => ({ input: { id: endpoint } }),
    select: `{ endpoint { id } signingSecret ${USER_ERRORS} }`,
    toStrangers: { endpoint: null, signingSecret: null, ...NOTHING_THERE },
  },
  'Mutation.revealSigningSecret': {
    scopes: ['secrets:read'],
    args: ({ endpoint }) => ({ id: endpoint }),
    select: `{ signingSecret ${USER_ERRORS} }`,
    toStrangers: { signingSecret: null, ...NOTHING_THERE },
  },
  'Mutation.publishEvent': {
    scopes: ['events:write'],
    args: () => ({ input: { type: 'invoice.paid', data: {}, idempotencyKey: 'a key that all accounts use' } }),
    select: `{ event { id type data } deliveryCount duplicate ${USER_ERRORS} }`,
    toStrangers: { duplicate: false },
  },
  'Mutation.publishEvents': {
    scopes: ['events:write'],
    args: () => ({ input: [{ type: 'invoice.paid', data: { number: 2 } }] }),
    select: `{ results { event { id } deliveryCount } ${USER_ERRORS} }`,
  },
  'Mutation.sendTestEvent': {
    scopes: ['deliveries:write'],
    args: ({ endpoint }) => ({ input: { endpointId: endpoint, type: 'invoice.paid' } }),
    select: `{ delivery { id status } ${USER_ERRORS} }`,
    toStrangers: { delivery: null, ...NOTHING_THERE },
  },
  'Mutation.retryDelivery': {
    scopes: ['deliveries:write'],
    args: ({ delivery }) => ({ id: delivery }),
    select: `{ delivery { id status } ${USER_ERRORS} }`,
    toStrangers: { delivery: null, ...NOTHING_THERE },
  },
  'Mutation.retryDeliveries': {
    scopes: ['deliveries:write'],
    args: ({ endpoint }) => ({ input: { filter: { endpointIds: [endpoint] } } }),
    select: `{ bulkRetry { id total } matchedCount ${USER_ERRORS} }`,
    toStrangers: { matchedCount: 0 },
  },
  'Mutation.cancelBulkRetry': {
    scopes: ['deliveries:write'],
    args: ({ bulkRetry }) => ({ id: bulkRetry }),
    select: `{ bulkRetry { id status } ${USER_ERRORS} }`,
    toStrangers: { bulkRetry: null, ...NOTHING_THERE },
  },
  'Mutation.createApiKey': {
    scopes: ['keys:admin'],
    args: () => ({ input: { name: 'Another', scopes: ['keys:admin'] } }),
    select: `{ apiKey { id name } key ${USER_ERRORS} }`,
  },
  'Mutation.registerEventType': {
    scopes: ['catalog:admin'],
    args: () => ({
      input: { name: 'order.shipped', category: 'Orders', description: 'Sent when it left.', sampleData: {} },
    }),
    select: `{ eventType { name } ${USER_ERRORS} }`,
  },
  'Mutation.updateEventType': {
    scopes: ['catalog:admin'],
    args: () => ({ input: { name: 'order.shipped', description: 'Sent when it has left.' } }),
    select: `{ eventType { name description } ${USER_ERRORS} }`,
  },
  'Mutation.deprecateEventType': {
    scopes: ['catalog:admin'],
    args: () => ({ name: 'checkout.abandoned', reason: 'Nobody abandons a checkout any more.' }),
    select: `{ eventType { name deprecatedAt } ${USER_ERRORS} }`,
  },
  'Mutation.reinstateEventType': {
    scopes: ['catalog:admin'],
    args: () => ({ name: 'checkout.abandoned' }),
    select: `{ eventType { name deprecatedAt } ${USER_ERRORS} }`,
  },
  'Subscription.deliveryUpdated': {
    scopes: ['deliveries:read'],
    args: ({ endpoint }) => ({ endpointIds: [endpoint] }),
    select: '{ kind cursor delivery { id attempts { id } } }',
  },
  'Subscription.endpointUpdated': {
    scopes: ['endpoints:read'],
    args: ({ endpoint }) => ({ endpointIds: [endpoint] }),
    select: '{ kind endpoint { id } deletedEndpointId }',
  },
  'Subscription.eventPublished': {
    scopes: ['events:read'],
    args: () => ({ types: ['chargeback.won'] }),
    select: '{ kind cursor event { id type body } }',
  },
  'Subscription.bulkRetryUpdated': {
    scopes: ['deliveries:read'],
    args: ({ bulkRetry }) => ({ id: bulkRetry }),
    select: '{ id status }',
  },
  'Mutation.revokeApiKey': {
    scopes: ['keys:admin'],
    args: ({ apiKey }) => ({ id: apiKey }),
    select: `{ apiKey { id revokedAt } ${USER_ERRORS} }`,
    toStrangers: { apiKey: null, ...NOTHING_THERE },
  },
  'Mutation.deleteEndpoint': {
    scopes: ['endpoints:write'],
    args: ({ endpoint }) => ({ id: endpoint }),
    select: `{ deletedEndpointId ${USER_ERRORS} }`,
    toStrangers: { deletedEndpointId: null, ...NOTHING_THERE },
  },
};

/**
 * Every operation of the schema, with arguments that it takes.
 *
 * @throws for an operation that `SAMPLES` does not have, or has and the schema does not: whoever makes one adds it there,
 * and with that to all that is tested of every operation.
 */
export function everyOperation(schema: GraphQLSchema): Operation[] {
  const fields = new Map(
    [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!].flatMap(fieldsOf),
  );
  const different = new Set(fields.keys()).symmetricDifference(new Set(Object.keys(SAMPLES)));
  if (different.size > 0) throw new Error(`test/support/every-operation.ts has to be told of ${[...different]}`);
  return Object.entries(SAMPLES).map(([name, sample]) => toOperation(name, sample, fields.get(name)!));
}

function fieldsOf(type: GraphQLObjectType): [string, GraphQLField<unknown, unknown>][] {
  return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field]);
}

function toOperation(
  name: string,
  { args = () => ({}), select, ...rest }: Sample,
  { name: field, args: declared }: GraphQLField<unknown, unknown>,
): Operation {
  const kind = name.split('.')[0]!.toLowerCase() as Operation['kind'];
  const given = Object.keys(args({} as Ids));
  const types = declared.filter((argument) => given.includes(argument.name)).map((one) => `$${one.name}: ${one.type}`);
  const passed = given.map((argument) => `${argument}: $${argument}`);
  const inParentheses = (parts: string[]) => (parts.length > 0 ? `(${parts.join(', ')})` : '');
  const document = `${kind} ${inParentheses(types)} { ${field}${inParentheses(passed)} ${select} }`;
  return { name, kind, field, document, variables: args, ...rest };
}
