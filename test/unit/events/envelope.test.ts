import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { composeBody, MAX_DATA_DEPTH, type SerialisedData, serialiseData } from '../../../src/events/envelope.js';

const envelope = {
  id: 'evt_01h2e8kqvbfwea724h75qc655w',
  type: 'invoice.paid',
  created: new Date('2026-11-23T20:00:00Z'),
  livemode: true,
};

describe('the body of an event', () => {
  it('is the envelope in the order that receivers know', () => {
    expect(bodyOf({ total: 5292 })).toBe(
      '{"id":"evt_01h2e8kqvbfwea724h75qc655w","type":"invoice.paid","created":"2026-11-23T20:00:00.000Z","livemode":true,"data":{"total":5292}}',
    );
  });

  it('comes out the same, byte for byte, when a receiver parses and writes it again', () => {
    const keys = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', 'constructor', '7', '-1', '\u0000'),
    );
    const leaves = fc.oneof(fc.double(), fc.integer(), fc.boolean(), fc.constant(null), loneSurrogates());
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, leaves, fc.array(tie('value')), fc.dictionary(keys, tie('value'))),
    }));
    fc.assert(
      fc.property(value, (data) => {
        const body = bodyOf(data);
        expect(JSON.stringify(JSON.parse(body))).toBe(body);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    '{"__proto__":{"polluted":true},"a":1}',
    '{"9":1,"10":2,"b":3,"a":4}',
    '[-0,1e21,1e-7,123456789012345680000]',
    '"\\ud800 \\u0000 \\u2028 \\/"',
    'null',
    'false',
    '""',
    '{}',
  ])('survives a round trip with data %s', (text) => {
    const body = bodyOf(JSON.parse(text));

    expect(JSON.stringify(JSON.parse(body))).toBe(body);
  });

  it('keeps __proto__ as a property like any other', () => {
    expect(bodyOf(JSON.parse('{"__proto__":{"a":1}}'))).toContain('"data":{"__proto__":{"a":1}}}');
  });

  it('holds a type and an id of any characters safely', () => {
    const data = serialiseData({}) as SerialisedData;
    const body = composeBody({ ...envelope, type: '"},\n', livemode: false, data });

    expect(JSON.parse(body)).toMatchObject({ type: '"},\n', livemode: false, data: {} });
  });
});

describe('the data of an event', () => {
  it('is measured in bytes of UTF-8', () => {
    expect(serialiseData('é€😀')).toEqual({ text: '"é€😀"', bytes: 11 });
  });

  it('is refused only when it is longer than allowed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const { bytes } = serialiseData(data) as SerialisedData;
        expect(serialiseData(data, bytes)).toHaveProperty('bytes', bytes);
        expect(serialiseData(data, bytes - 1)).toEqual({ refused: 'TOO_LARGE' });
      }),
    );
  });

  it('is refused before it is written out when the same value in it many times over makes it huge', () => {
    const megabyte = 'x'.repeat(1_048_576);
    const wide = Array.from({ length: 10_000 }, () => ({ [megabyte]: megabyte }));

    expect(serialiseData(wide, 262_144)).toEqual({ refused: 'TOO_LARGE' });
    expect(serialiseData([wide, wide], 262_144)).toEqual({ refused: 'TOO_LARGE' });
  });

  it('may be a thousand levels deep', () => {
    expect(serialiseData(nested(MAX_DATA_DEPTH))).toHaveProperty('bytes', 2 * MAX_DATA_DEPTH);
  });

  it.each([MAX_DATA_DEPTH + 1, 200_000])('is refused at %d levels', (depth) => {
    expect(serialiseData(nested(depth))).toEqual({ refused: 'TOO_DEEP' });
    expect(serialiseData({ beside: 1, within: nested(depth - 1) })).toEqual({ refused: 'TOO_DEEP' });
  });
});

function bodyOf(data: unknown): string {
  return composeBody({ ...envelope, data: serialiseData(data) as SerialisedData });
}

/** Arrays within each other: one level is `[]`. */
function nested(depth: number): unknown {
  let data: unknown[] = [];
  for (let level = 1; level < depth; level += 1) data = [data];
  return data;
}

function loneSurrogates() {
  return fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 })).map((units) => String.fromCharCode(...units));
}
