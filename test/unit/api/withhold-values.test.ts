import { describe, expect, it } from '@jest/globals';
import { buildSchema, getVariableValues, type OperationDefinitionNode, parse, validate } from 'graphql';
import { withholdValues } from '../../../src/api/withhold-values.js';

const schema = buildSchema(`
  type Query { ask(input: Ask, flag: Boolean, count: Int, kind: Kind, id: ID, text: String, share: Float): Int }
  input Ask { name: String!, value: String, isSecret: Boolean, parts: [Ask!], kinds: [Kind!] }
  enum Kind { ONE TWO }
`);

const SECRET = 's3cret-token; at "x"; Expected';

/** The secret in every place that takes something else. */
const MISFITS: [string, string, unknown][] = [
  ['Ask', 'a string for an object', SECRET],
  ['Ask', 'an object without its name', { value: SECRET }],
  ['Ask', 'a field too many', { name: 'x', value: SECRET, other: SECRET }],
  ['Ask', 'a string for a flag', { name: 'x', isSecret: SECRET }],
  ['Ask', 'a list for a string', { name: 'x', value: [SECRET] }],
  ['Ask', 'something deep', { name: 'x', parts: [{ name: 'x', parts: [{ value: SECRET }] }] }],
  ['Ask', 'an unknown value in a list', { name: 'x', kinds: ['ONE', SECRET] }],
  ['Boolean', 'a string', SECRET],
  ['Int', 'a string', SECRET],
  ['Float', 'an object', { value: SECRET }],
  ['Kind', 'an unknown value', SECRET],
  ['Kind', 'a list', [SECRET]],
  ['ID', 'an object', { value: SECRET }],
  ['String', 'an object', { value: SECRET }],
];
const ARGUMENTS: Record<string, string> = {
  Ask: 'input',
  Boolean: 'flag',
  Int: 'count',
  Kind: 'kind',
  ID: 'id',
  String: 'text',
  Float: 'share',
};

describe('what GraphQL says of a value that does not fit', () => {
  it.each(MISFITS)('does not quote it, in a variable of type %s: %s', (type, _what, value) => {
    const document = parse(`query ($v: ${type}) { ask(${ARGUMENTS[type]}: $v) }`);
    const { variableDefinitions } = document.definitions[0] as OperationDefinitionNode;

    const { errors } = getVariableValues(schema, variableDefinitions!, { v: value });

    expect(errors!.length).toBeGreaterThan(0);
    for (const { message } of errors!) {
      expect(message).toContain('s3cret');
      expect(withholdValues(message)).toMatch(/^Variable "\$v" got an invalid value/);
      expect(withholdValues(message)).not.toContain('s3cret');
    }
  });

  it.each(MISFITS)('does not quote it, as a literal of type %s: %s', (type, _what, value) => {
    const literal = JSON.stringify(value).replace(/"(\w+)":/g, '$1:');
    const errors = validate(schema, parse(`{ ask(${ARGUMENTS[type]}: ${literal}) }`));

    expect(errors.length).toBeGreaterThan(0);
    for (const { message } of errors) expect(withholdValues(message)).not.toContain('s3cret');
  });

  it.each([['{ ask "s3cret" }'], ['{ ask(text "s3cret") }'], ['{ ask("""s3cret""") }']])(
    'does not quote a string at the wrong place: %s',
    (document) => {
      let message = '';
      try {
        parse(document);
      } catch (error) {
        ({ message } = error as Error);
      }
      expect(message).toContain('s3cret');
      expect(withholdValues(message)).toMatch(/^Syntax Error: .*String\.$/);
    },
  );

  it.each([
    [
      'Variable "$v" got invalid value { value: "x" } at "v.parts[0]"; Field "name" of required type "String!" was not provided.',
      'Variable "$v" got an invalid value at "v.parts[0]"; Field "name" of required type "String!" was not provided.',
    ],
    [
      'Variable "$v" got invalid value "ten"; Int cannot represent non-integer value: "ten"',
      'Variable "$v" got an invalid value; Int cannot represent non-integer value.',
    ],
    [
      'Variable "$v" got invalid value "TWOO"; Value "TWOO" does not exist in "Kind" enum. Did you mean the enum value "TWO"?',
      'Variable "$v" got an invalid value; There is no such value in the "Kind" enum. Did you mean the enum value "TWO"?',
    ],
    ['Cannot query field "asks" on type "Query".', 'Cannot query field "asks" on type "Query".'],
    ['Syntax Error: Expected Name, found "}".', 'Syntax Error: Expected Name, found "}".'],
    ['Something else entirely: "x".', 'Something else entirely: "x".'],
  ])('keeps what helps to put it right: %s', (message, kept) => {
    expect(withholdValues(message)).toBe(kept);
  });

  it.each([
    [' at "x; Value "'],
    ['; Expected value of type "'],
    ['; Value "x" does not exist in '],
    [' cannot represent a non boolean '],
    [' at "v[0][0]'],
    ['; Enum "Kind'],
    ['a String " b'],
    ['word '],
  ])('takes no time, however long the value: %s', (part) => {
    const long = part.repeat(500_000 / part.length);
    const startedAt = performance.now();
    for (const start of ['Variable "$v" got invalid value "', 'Value "', 'Syntax Error: ', ''])
      withholdValues(start + long);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
