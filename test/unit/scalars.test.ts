import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GraphQLError, GraphQLObjectType, GraphQLSchema, graphqlSync, parseValue, printType } from 'graphql';
import { DateTimeScalar, JsonScalar, UrlScalar } from '../../src/scalars.js';

describe('DateTime', () => {
  it('comes out in UTC with milliseconds', () => {
    expect(DateTimeScalar.serialize(new Date('2026-11-23T21:00:00+01:00'))).toBe('2026-11-23T20:00:00.000Z');
    expect(() => DateTimeScalar.serialize('2026-11-23')).toThrow(TypeError);
    expect(() => DateTimeScalar.serialize(new Date(Number.NaN))).toThrow(TypeError);
  });

  it('goes in as it came out', () => {
    const dates = fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') });
    fc.assert(fc.property(dates, (date) => expect(DateTimeScalar.parseValue(date.toISOString())).toEqual(date)));
  });

  it.each([
    ['2026-11-23T20:00:00Z', '2026-11-23T20:00:00.000Z'],
    ['2026-11-23T20:00:00.5+05:30', '2026-11-23T14:30:00.500Z'],
    ['2026-11-23T20:00:00.123456789-08:00', '2026-11-24T04:00:00.123Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('understands %s', (text, instant) => {
    expect((DateTimeScalar.parseValue(text) as Date).toISOString()).toBe(instant);
    expect(DateTimeScalar.parseLiteral(parseValue(JSON.stringify(text)))).toEqual(new Date(instant));
  });

  it.each([
    '',
    '2026-11-23',
    '2026-11-23T20:00:00',
    '2026-11-23T20:00Z',
    '2026-11-23 20:00:00Z',
    '2026-11-23T20:00:00+0100',
    '2026-11-23T20:00:60Z',
    '2026-11-23T24:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '0000-06-01T00:00:00Z',
    '+012026-01-01T00:00:00Z',
    'Mon, 23 Nov 2026 20:00:00 GMT',
    1795464000000,
    null,
    new Date(),
  ])('refuses %j', (value) => {
    expect(codeOf(() => DateTimeScalar.parseValue(value))).toBe('BAD_USER_INPUT');
  });

  it('refuses a literal that is no string', () => {
    expect(codeOf(() => DateTimeScalar.parseLiteral(parseValue('1795464000000')))).toBe('BAD_USER_INPUT');
  });
});

describe('JSON', () => {
  it('reads a literal as JSON does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // GraphQL writes keys without quotes, so the objects are left to the next test.
        fc.pre(!JSON.stringify(value).includes('{'));
        expect(JSON.stringify(JsonScalar.parseLiteral(parseValue(JSON.stringify(value))))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('keeps __proto__ in a literal as a property like any other', () => {
    const value = JsonScalar.parseLiteral(
      parseValue('{ __proto__: { admin: true }, a: [1, -2.5, "x", null, { b: false }] }'),
    );

    expect(JSON.stringify(value)).toBe('{"__proto__":{"admin":true},"a":[1,-2.5,"x",null,{"b":false}]}');
    expect((value as { admin?: boolean }).admin).toBeUndefined();
  });

  it('puts variables where a literal names them, and leaves out those without a value', () => {
    const literal = parseValue('{ total: $total, none: $none, list: [$none, $total] }');

    expect(JsonScalar.parseLiteral(literal, { total: { cents: 5 } })).toEqual({
      total: { cents: 5 },
      list: [null, { cents: 5 }],
    });
    expect(JsonScalar.parseLiteral(literal, undefined)).toEqual({ list: [null, null] });
  });

  it('has no names', () => {
    expect(codeOf(() => JsonScalar.parseLiteral(parseValue('{ currency: USD }')))).toBe('BAD_USER_INPUT');
  });

  it('passes values on as they are, in and out', () => {
    const value = JSON.parse('{"__proto__":{"a":1}}');

    expect(JsonScalar.parseValue(value)).toBe(value);
    expect(JsonScalar.serialize(value)).toBe(value);
  });

  it('echoes a literal with variables through a whole operation', () => {
    const answer = graphqlSync({
      schema: new GraphQLSchema({
        query: new GraphQLObjectType({
          name: 'Query',
          fields: { echo: { type: JsonScalar, args: { data: { type: JsonScalar } }, resolve: (_, { data }) => data } },
        }),
      }),
      source: 'query ($total: JSON) { echo(data: { __proto__: 1, total: $total }) }',
      variableValues: { total: [1, { a: 2 }] },
    });

    expect(JSON.stringify(answer)).toBe('{"data":{"echo":{"__proto__":1,"total":[1,{"a":2}]}}}');
  });
});

describe('URL', () => {
  it('takes any string, and strings only', () => {
    expect(UrlScalar.parseValue('not a url')).toBe('not a url');
    expect(UrlScalar.parseLiteral(parseValue('"https://example.com"'))).toBe('https://example.com');
    expect(codeOf(() => UrlScalar.parseValue(7))).toBe('BAD_USER_INPUT');
    expect(codeOf(() => UrlScalar.parseLiteral(parseValue('7')))).toBe('BAD_USER_INPUT');
  });
});

it.each([
  [DateTimeScalar, 'scalar DateTime @specifiedBy(url: "https://scalars.graphql.org/andimarek/date-time.html")'],
  [JsonScalar, 'scalar JSON @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc8259")'],
  [UrlScalar, 'scalar URL @specifiedBy(url: "https://url.spec.whatwg.org/")'],
])('%s says where it is specified', (scalar, definition) => {
  expect(printType(scalar)).toContain(definition);
});

function codeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as GraphQLError).extensions.code;
  }
}
