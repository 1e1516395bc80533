import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { SignatureFormat } from '../../../src/endpoints/endpoint.js';
import { checkEndpointInput, type EndpointInput } from '../../../src/endpoints/endpoint-input.js';
import { Catalog } from '../../../src/events/catalog.js';
import { Refusal } from '../../../src/refusal.js';

function check(input: EndpointInput) {
  return checkEndpointInput(input, {
    urlPolicy: { allowHttp: false, allowedCidrs: [] },
    headers: { signatureHeader: 'X-RevKeen-Signature', stored: [], encrypt: (value) => `sealed(${value})` },
    catalog: new Catalog([]),
  });
}

/** The errors as `field CODE`. */
function mistakesOf(input: EndpointInput): string[] {
  const checked = check(input);
  return checked instanceof Refusal
    ? checked.errors.map(({ field, code }) => `${field!.slice(1).join('.')} ${code}`)
    : [];
}

describe('what is said about an endpoint', () => {
  it('changes nothing that it does not mention', () => {
    expect(check({})).toEqual({});
    expect(check({ headers: undefined, rateLimitPerSecond: undefined, retryScheduleSeconds: undefined })).toEqual({});
  });

  it('can be every setting', () => {
    const settings = {
      signatureFormat: SignatureFormat.TIMESTAMPED,
      headers: [],
      rateLimitPerSecond: 5,
      retryScheduleSeconds: [0.5, 60],
    };
    expect(check(settings)).toEqual(settings);
  });

  it('clears with null what can be without', () => {
    const cleared = { description: null, rateLimitPerSecond: null, retryScheduleSeconds: null };
    expect(check(cleared)).toEqual(cleared);
    expect(mistakesOf({ signatureFormat: null, headers: null })).toEqual([
      'signatureFormat INVALID',
      'headers INVALID',
    ]);
  });

  it.each([1, 10_000])('can be a rate of %d per second', (rateLimitPerSecond) => {
    expect(check({ rateLimitPerSecond })).toEqual({ rateLimitPerSecond });
  });

  it.each([0, -1, 10_001, -(2 ** 31), 2 ** 31 - 1])('cannot be a rate of %d per second', (rateLimitPerSecond) => {
    expect(mistakesOf({ rateLimitPerSecond })).toEqual(['rateLimitPerSecond INVALID']);
  });

  it.each([[[]], [[0]], [[604_800]], [[0.001, 1.5]], [Array<number>(20).fill(1)]])(
    'can be the waits %j',
    (retryScheduleSeconds) => {
      expect(check({ retryScheduleSeconds })).toEqual({ retryScheduleSeconds });
    },
  );

  it.each([[[-1]], [[-0.001]], [[604_800.001]], [[1, 2, 1e300]], [[Number.NaN]], [[Number.POSITIVE_INFINITY]]])(
    'cannot be the waits %j',
    (retryScheduleSeconds) => {
      expect(mistakesOf({ retryScheduleSeconds })).toEqual(['retryScheduleSeconds INVALID']);
    },
  );

  it('cannot be more than twenty waits', () => {
    expect(mistakesOf({ retryScheduleSeconds: Array(21).fill(1) })).toEqual(['retryScheduleSeconds TOO_MANY']);
  });
});
