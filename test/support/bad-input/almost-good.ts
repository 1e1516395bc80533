import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
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

/** Texts that are good, or almost, by the name of the argument or input field: IDs, cursors, event types. */
export type GoodTexts = Readonly<Record<string, readonly string[]>>;

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
  return membersOf(args, isRequiredArgument, good).map((variables) => ({
    field: `${kind} ${name}`,
    kind,
    body: writeJson({ query, variables }),
  }));
}

const CENTURIES = { min: new Date('1900-01-01T00:00:00Z'), max: new Date('2200-01-01T00:00:00Z') };

/** Mostly of the shape that the type has; now and then anything. */
function valuesOf(
  type: GraphQLInputType,
  texts: readonly string[] | undefined,
  good: GoodTexts,
): fc.Arbitrary<unknown> {
  const bad = fc.constantFrom(...badValues(type.toString().length, 200, []).filter(isSmall));
  return fc.oneof({ weight: 19, arbitrary: shapedValues(type, texts, good) }, { weight: 1, arbitrary: bad });
}

/** Each with a value; of those that may be left out, about half are. */
function membersOf<Member extends GraphQLArgument | GraphQLInputField>(
  members: readonly Member[],
  isRequired: (member: Member) => boolean,
  good: GoodTexts,
): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(
    Object.fromEntries(
      members.map((member) => {
        const values = valuesOf(member.type, good[member.name], good);
        return [member.name, isRequired(member) ? values : fc.option(values, { nil: undefined, freq: 2 })];
      }),
    ),
  );
}

/** Large values are tried elsewhere, by themselves: here they would be sent by the dozen. */
function isSmall(value: unknown | RawJson): boolean {
  return writeJson(value).length < 1_000;
}

function shapedValues(
  type: GraphQLInputType,
  texts: readonly string[] | undefined,
  good: GoodTexts,
): fc.Arbitrary<unknown> {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return fc.array(valuesOf(nullable.ofType, texts, good), { maxLength: 4 });
  const named = getNamedType(nullable);
  if (isEnumType(named)) return fc.constantFrom(...named.getValues().map(({ name }) => name));
  if (isInputObjectType(named)) {
    return membersOf(Object.values(named.getFields()), isRequiredInputField, good);
  }
  switch (named.name) {
    case 'Int':
      return fc.integer({ min: -1, max: 110 });
    case 'Float':
      return fc.double({ min: -1, max: 700_000, noNaN: true });
    case 'Boolean':
      return fc.boolean();
    case 'DateTime':
      return fc.date({ ...CENTURIES, noInvalidDate: true }).map((date) => date.toISOString());
    case 'JSON':
      return fc.jsonValue({ stringUnit: 'binary' });
    default: {
      const odd = fc.string({ unit: 'binary', maxLength: 60 });
      return texts ? fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...texts) }, { weight: 1, arbitrary: odd }) : odd;
    }
  }
}
