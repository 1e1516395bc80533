import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

type Variables = Record<string, unknown> | null | undefined;

/** A `Date` inside. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description:
    'An instant as ISO 8601 text: always in UTC and with milliseconds when it comes from the service, such as `2026-11-23T20:00:00.000Z`; any offset is understood.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize(value) {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
    throw new TypeError('A DateTime is made from a valid Date.');
  },
  parseValue: (value) => parseInstant(value),
  parseLiteral: (node) => parseInstant(node.kind === Kind.STRING ? node.value : undefined, node),
});

/** Any JSON value inside: it goes out as it is. */
export const JsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value: an object, an array, a string, a number, a boolean or null.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => jsonOfLiteral(node, variables),
});

/** A string inside, whatever it says: what is wrong with a URL is a user error, answered by the domain. */
export const UrlScalar = new GraphQLScalarType<string, string>({
  name: 'URL',
  description:
    'An absolute URL of at most 2,048 characters. Any string is taken here; a mutation answers what is wrong with it as `INVALID_URL` or `URL_NOT_ALLOWED`.',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  serialize: (value) => String(value),
  parseValue: (value) => parseUrlText(value),
  parseLiteral: (node) => parseUrlText(node.kind === Kind.STRING ? node.value : undefined, node),
});

const INSTANT =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(\d{2}))T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

function parseInstant(value: unknown, node?: ValueNode): Date {
  const [text, date, dayOfMonth] = (typeof value === 'string' && INSTANT.exec(value)) || [];
  // JavaScript takes 30 February for 2 March, so the day must come out as it went in.
  if (text !== undefined && new Date(`${date}T00:00:00Z`).getUTCDate() === Number(dayOfMonth)) {
    const instant = new Date(text);
    if (instant.getUTCFullYear() >= 1 && instant.getUTCFullYear() <= 9999) return instant;
  }
  throw badInput('A DateTime is ISO 8601 text with seconds and an offset, such as "2026-11-23T20:00:00.000Z".', node);
}

function parseUrlText(value: unknown, node?: ValueNode): string {
  if (typeof value === 'string') return value;
  throw badInput('A URL is a string.', node);
}

/** The value that a literal in the document stands for, with the values of the variables inside it. */
function jsonOfLiteral(node: ValueNode, variables: Variables): unknown {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((item) => jsonOfLiteral(item, variables) ?? null);
    case Kind.OBJECT:
      // Unlike assigning, fromEntries makes even `__proto__` a property like any other.
      return Object.fromEntries(
        node.fields
          .map((field) => [field.name.value, jsonOfLiteral(field.value, variables)] as const)
          .filter(([, value]) => value !== undefined),
      );
    case Kind.VARIABLE:
      return variables?.[node.name.value];
    case Kind.ENUM:
      throw badInput(`JSON has no names: write "${node.value}" in quotes.`, node);
  }
}

function badInput(message: string, node?: ValueNode): GraphQLError {
  return new GraphQLError(message, { nodes: node, extensions: { code: 'BAD_USER_INPUT' } });
}
