import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import type { Ids } from '../every-operation.js';
import { writeJson } from './bad-values.js';

/** Where a caller can put a value: an argument of any field, or a part of one. */
export interface Place {
  /** Such as `Mutation.updateEndpoint(input.headers[0].name)`. */
  name: string;
  kind: 'query' | 'mutation' | 'subscription';
  /** The name of the type that is wanted there, lists and obligation left out. */
  typeName: string;
  /** The body of a request with this value there, as a variable. */
  request(value: unknown): string;
  /** The same as a literal in the document; null where that is not tried. */
  literal: ((value: unknown) => string) | null;
}

/** A way from a root to a field: what to write before it and after it. */
interface Way {
  kind: Place['kind'];
  before: string;
  after: string;
}

const KINDS = { Query: 'query', Mutation: 'mutation', Subscription: 'subscription' } as const;

/** Every argument of every field that can be reached, and every part of it: nothing of a schema is left out. */
export function placesOf(schema: GraphQLSchema, ids: Ids): Place[] {
  const places: Place[] = [];
  const seen = new Set<string>();
  const queue: [GraphQLObjectType, Way][] = Object.entries(KINDS).map(([root, kind]) => [
    schema.getType(root) as GraphQLObjectType,
    { kind, before: '', after: '' },
  ]);
  for (const [type, way] of queue) {
    if (seen.has(type.name)) continue;
    seen.add(type.name);
    for (const field of Object.values(type.getFields())) {
      places.push(...placesOfField(type, field, way, ids));
      const next = getNamedType(field.type);
      // What mutations and subscriptions answer can be asked for by queries as well.
      if (way.kind !== 'query' || !isObjectType(next)) continue;
      const given = field.args
        .filter(isRequiredArgument)
        .map((arg) => `${arg.name}: ${literalOf(baseOf(arg, field, ids))}`);
      const call = given.length > 0 ? `${field.name}(${given.join(', ')})` : field.name;
      queue.push([next, { kind: way.kind, before: `${way.before}${call} { `, after: ` }${way.after}` }]);
    }
  }
  return places;
}

function* placesOfField(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  way: Way,
  ids: Ids,
): Generator<Place> {
  const write = (args: string, declared: string) =>
    `${way.kind} ${declared} { ${way.before}${field.name}${args} ${selectionOf(field.type)}${way.after} }`;
  for (const arg of field.args) {
    const given = field.args.filter((one) => one === arg || isRequiredArgument(one));
    const document = write(
      `(${given.map(({ name }) => `${name}: $${name}`).join(', ')})`,
      `(${given.map((one) => `$${one.name}: ${one.type}`).join(', ')})`,
    );
    const others = Object.fromEntries(given.map((one) => [one.name, baseOf(one, field, ids)]));
    const base = (of: GraphQLInputType, name: string) => goodValueOf(of, name, field, ids);
    for (const { path, typeName, put } of partsOf(arg.type, arg.name, (value) => value, base)) {
      const isWhole = path === arg.name;
      yield {
        name: `${type.name}.${field.name}(${path})`,
        kind: way.kind,
        typeName,
        request: (value) => writeJson({ query: document, variables: { ...others, [arg.name]: put(value) } }),
        literal:
          isWhole && given.length === 1
            ? (value) => writeJson({ query: write(`(${arg.name}: ${literalOf(value)})`, '') })
            : null,
      };
    }
  }
}

interface Part {
  path: string;
  typeName: string;
  /** The whole argument, with the value in this part. */
  put(value: unknown): unknown;
}

function* partsOf(
  type: GraphQLInputType,
  path: string,
  put: Part['put'],
  base: (type: GraphQLInputType, name: string) => unknown,
): Generator<Part> {
  const inner = isNonNullType(type) ? type.ofType : type;
  yield { path, typeName: getNamedType(type).name, put };
  if (isListType(inner)) yield* partsOf(inner.ofType, `${path}[0]`, (value) => put([value]), base);
  if (!isInputObjectType(inner)) return;
  for (const field of Object.values(inner.getFields())) {
    const around = base(inner, '') as object;
    const putField = (value: unknown) => put({ ...around, [field.name]: value });
    yield* partsOf(field.type, `${path}.${field.name}`, putField, base);
  }
}

/** What is given also where it can be left out: an endpoint needs some events, and nothing is to be retried by the thousand. */
const ALWAYS_GIVEN = ['eventTypes', 'dryRun'];

/** A good value. */
function goodValueOf(type: GraphQLInputType, name: string, field: GraphQLField<unknown, unknown>, ids: Ids): unknown {
  if (isNonNullType(type)) return goodValueOf(type.ofType, name, field, ids);
  if (isListType(type)) return [goodValueOf(type.ofType, name, field, ids)];
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isInputObjectType(type)) {
    const given = Object.values(type.getFields()).filter(
      (one) => isRequiredInputField(one) || ALWAYS_GIVEN.includes(one.name),
    );
    return Object.fromEntries(given.map((one) => [one.name, goodValueOf(one.type, one.name, field, ids)]));
  }
  switch (type.name) {
    case 'ID':
      return idFor(name, getNamedType(field.type).name, ids);
    case 'String':
      return { eventTypes: 'payment.failed', scopes: 'events:read', type: 'invoice.paid' }[name] ?? 'invoice.paid';
    case 'URL':
      return ids.url;
    case 'DateTime':
      return '2026-11-23T20:00:00.000Z';
    case 'Boolean':
      return true;
    case 'JSON':
      return {};
    default:
      return 1;
  }
}

function baseOf(arg: GraphQLArgument, field: GraphQLField<unknown, unknown>, ids: Ids): unknown {
  return goodValueOf(arg.type, arg.name, field, ids);
}

function idFor(name: string, typeName: string, ids: Ids): string {
  if (/endpoint/i.test(name)) return ids.endpoint;
  if (/event/i.test(name)) return ids.event;
  if (/ApiKey/.test(typeName)) return ids.apiKey;
  if (/BulkRetry/.test(typeName)) return ids.bulkRetry;
  if (/Delivery/.test(typeName)) return ids.delivery;
  return /^WebhookEvent$/.test(typeName) ? ids.event : ids.endpoint;
}

/** A selection that has the field resolved, and its user errors told. */
export function selectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (!('getFields' in named)) return 'getTypes' in named ? '{ __typename }' : '';
  const fields = named.getFields();
  if (fields.userErrors) return '{ __typename userErrors { field code message } }';
  return fields.nodes ? '{ nodes { __typename } }' : '{ __typename }';
}

/** As it would be written in a document. Not all that is JSON can be. */
function literalOf(value: unknown): string {
  return writeJson(value).replace(/"((?:[^"\\]|\\.)*)"(\s*:)?/g, (text, name, colon) => (colon ? `${name}:` : text));
}
