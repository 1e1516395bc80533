import fc from 'fast-check';
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { badValues, type RawJson, writeJson } from './bad-values.js';
import { selectionOf } from './places.js';

/** A request in which much is as it should be, and something or other may not be. */
export interface AlmostGoodRequest {
  /** Such as `mutation createEndpoint`. */
  field: string;
  kind: 'query' | 'mutation';
  body: string;
}

/** Texts that are good in some places: IDs, cursors, event types, the URL of a receiver. */
export type GoodTexts = readonly string[];

/**
 * Requests to all fields at the top that take more than an ID, with all that they take. An ID alone would be good too often, and
 * what belongs to it deleted.
 */
export function almostGoodRequests(schema: GraphQLSchema, good: GoodTexts): fc.Arbitrary<AlmostGoodRequest> {
  const fields = (['query', 'mutation'] as const).flatMap((kind) => {
    const root = kind === 'query' ? schema.getQueryType()! : schema.getMutationType()!;
    return Object.values(root.getFields())
      .filter(({ args }) => args.some(({ type }) => getNamedType(type).name !== 'ID'))
      .map((field) => requestsTo(field, kind, good));
  });
  return fc.oneof(...fields);
}

function requestsTo(
  { name, args, type }: GraphQLField<unknown, unknown>,
  kind: AlmostGoodRequest['kind'],
  good: GoodTexts,
): fc.Arbitrary<AlmostGoodRequest> {
  const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const query = `${kind} (${declared}) { ${name}(${passed}) ${selectionOf(type)} }`;
  const values = Object.fromEntries(args.map((arg) => [arg.name, valuesOf(arg.type, good)]));
  const requiredKeys = args.filter(isRequiredArgument).map((arg) => arg.name);
  return fc
    .record(values, { requiredKeys })
    .map((variables) => ({ field: `${kind} ${name}`, kind, body: writeJson({ query, variables }) }));
}

/** Mostly of the shape that the type has; now and then anything. */
function valuesOf(type: GraphQLInputType, good: GoodTexts): fc.Arbitrary<unknown> {
  const bad = fc.constantFrom(...badValues(type.toString().length, 200, []).filter(isSmall));
  return fc.oneof({ weight: 19, arbitrary: shapedValues(type, good) }, { weight: 1, arbitrary: bad });
}

/** Large values are tried elsewhere, by themselves: here they would be sent by the dozen. */
function isSmall(value: unknown | RawJson): boolean {
  return writeJson(value).length < 1_000;
}

function shapedValues(type: GraphQLInputType, good: GoodTexts): fc.Arbitrary<unknown> {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return fc.array(valuesOf(nullable.ofType, good), { maxLength: 4 });
  const named = getNamedType(nullable);
  if (isEnumType(named)) return fc.constantFrom(...named.getValues().map(({ name }) => name));
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields());
    const requiredKeys = fields.filter(isRequiredInputField).map(({ name }) => name);
    return fc.record(Object.fromEntries(fields.map((field) => [field.name, valuesOf(field.type, good)])), {
      requiredKeys,
    });
  }
  switch (named.name) {
    case 'Int':
      return fc.integer({ min: -2, max: 1_000 });
    case 'Float':
      return fc.double({ noNaN: true });
    case 'Boolean':
      return fc.boolean();
    case 'DateTime':
      return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    case 'JSON':
      return fc.jsonValue({ stringUnit: 'binary' });
    default:
      return fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...good) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
      );
  }
}
