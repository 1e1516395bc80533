import { describe, expect, it } from '@jest/globals';
import { compileSchema, findFaults, SchemaError } from '../../../src/events/data-schema.js';

const faultsIn = (schema: unknown, data: unknown) =>
  findFaults(JSON.stringify(schema), JSON.stringify(data)).map(({ path, message }) => `${path.join('.')} ${message}`);

const ORDER = {
  type: 'object',
  required: ['id', 'items'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', pattern: '^ord_[0-9a-z]+$' },
    items: { type: 'array', minItems: 1, items: { $ref: '#/$defs/item' } },
    shippedAt: { type: 'string', format: 'date-time' },
    'a/b~c': { const: 1 },
  },
  $defs: { item: { type: 'object', required: ['sku'], properties: { sku: { enum: ['book', 'pen'] } } } },
};

describe('a schema for data', () => {
  it('has nothing against data that satisfies it', () => {
    const data = { id: 'ord_1', items: [{ sku: 'pen' }], shippedAt: '2026-11-26T10:00:00Z', 'a/b~c': 1 };
    expect(faultsIn(ORDER, data)).toEqual([]);
  });

  it('names every fault by its path', () => {
    const data = { id: 7, items: [{ sku: 'pen' }, {}, { sku: 'car' }], shippedAt: 'today', 'a/b~c': 2, extra: true };
    expect(faultsIn(ORDER, data).sort()).toEqual([
      'a/b~c must be 1',
      'extra is not in the schema',
      'id must be string',
      'items.1.sku is missing',
      'items.2.sku must be one of ["book","pen"]',
      'shippedAt must match format "date-time"',
    ]);
    expect(faultsIn(ORDER, { id: 'invoice' })).toEqual(['items is missing', 'id must match pattern "^ord_[0-9a-z]+$"']);
    expect(faultsIn({ type: 'object' }, 'text')).toEqual([' must be object']);
  });

  it('names ten faults at most, and one where the data is long', () => {
    const numbers = { type: 'array', items: { type: 'number' } };
    expect(faultsIn(numbers, Array(100).fill('x'))).toHaveLength(10);
    expect(faultsIn(numbers, Array(10_000).fill('x'))).toEqual(['0 must be number']);
  });

  it('takes no longer for a pattern that others can be made to run for hours on', () => {
    const schema = { type: 'string', pattern: '^(a+)+$' };
    expect(faultsIn(schema, `${'a'.repeat(50_000)}b`)).toHaveLength(1);
    expect(faultsIn(schema, 'aaa')).toEqual([]);
  });

  it('takes no longer to compare the items of a list than to read them', () => {
    const schema = { type: 'array', uniqueItems: true };
    const items = Array.from({ length: 20_000 }, (_, index) => ({ id: index, kind: 'item' }));
    expect(faultsIn(schema, items)).toEqual([]);
    expect(faultsIn(schema, [...items, { kind: 'item', id: 7 }])).toEqual([' must not have the same item twice']);
    expect(faultsIn(schema, [1, '1', [1], ['1'], { a: 1 }, { a: '1' }, null, 'null'])).toEqual([]);
    expect(faultsIn({ uniqueItems: false }, [1, 1])).toEqual([]);
  });

  it('takes an amount of money for a multiple of its smallest unit', () => {
    expect(faultsIn({ multipleOf: 0.01 }, 19.99)).toEqual([]);
    expect(faultsIn({ multipleOf: 0.01 }, 19.995)).toEqual([' must be multiple of 0.01']);
  });

  it('sees what data has, not what every object inherits', () => {
    expect(faultsIn({ properties: { constructor: { type: 'string' } } }, {})).toEqual([]);
    expect(faultsIn({ required: ['toString'] }, {})).toEqual(['toString is missing']);
  });

  it('repeats no more of a long schema than somebody reads', () => {
    const schema = { enum: Array.from({ length: 5_000 }, (_, index) => `sku_${index}`) };
    const [fault] = findFaults(JSON.stringify(schema), '"none"');
    expect(fault!.message).toMatch(/^must be one of \["sku_0","sku_1",.{200,300}…$/);
  });

  it.each([
    [{ type: 'objet' }, /^schema\/type must be/],
    [{ requried: ['id'] }, /unknown keyword: "requried"/],
    [{ type: 'string', format: 'postcode' }, /unknown format "postcode"/],
    [{ $ref: 'https://example.com/order.json' }, /can't resolve reference/],
    [{ $schema: 'http://json-schema.org/draft-07/schema#' }, /^\$schema has to be/],
    [{ $async: true, type: 'string' }, /^\$async is no keyword/],
    [{ type: 'string', pattern: 'a(?=b)' }, /\(\?=/],
    [{ type: 'string', pattern: '(a)\\1' }, /\\1/],
    ['a text', /^a schema is an object/],
    [[], /^a schema is an object/],
  ])('is not %j', (schema, message) => {
    expect(() => compileSchema(JSON.stringify(schema))).toThrow(SchemaError);
    expect(() => compileSchema(JSON.stringify(schema))).toThrow(message);
  });

  it('may name its dialect and itself, and another of the same name is another', () => {
    const $schema = 'https://json-schema.org/draft/2020-12/schema';
    const $id = 'https://example.com/one';
    expect(faultsIn({ $schema, $id, type: 'string' }, 1)).toEqual([' must be string']);
    expect(faultsIn({ $schema, $id, type: 'number' }, 1)).toEqual([]);
  });
});
