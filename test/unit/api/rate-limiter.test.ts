import { describe, expect, it } from '@jest/globals';
import { OperationGate } from '../../../src/api/prepare-operation.js';
import { RateLimiter } from '../../../src/api/rate-limiter.js';
import { buildSchema } from '../../../src/api/schema.js';
import { readConfig } from '../../../src/config/config.js';

const schema = buildSchema();

/** A limiter whose clock stands still until it is moved. */
function setUp(unitsPerSecond: number | null = 1_000) {
  const clock = { nowMs: 0 };
  const limiter = new RateLimiter({ unitsPerSecond, nowMs: () => clock.nowMs });
  const gate = new OperationGate({ schema, introspection: true, rateLimiter: limiter, requireScopes: () => null });
  const send = (query: string, variables = {}) =>
    gate.prepare('http', { accountId: 'a', scopes: [] } as never, { query, variables });
  return { clock, limiter, gate, send };
}

describe('an account', () => {
  it('may spend a second at once, and what is more than that it has to wait for', () => {
    const { clock, limiter } = setUp();
    limiter.charge('a', 1_000);
    expect(limiter.secondsToWait('a')).toBe(0);
    limiter.charge('a', 2_500);
    expect(limiter.secondsToWait('a')).toBe(3);
    clock.nowMs = 2_400;
    expect(limiter.secondsToWait('a')).toBe(1);
    clock.nowMs = 2_500;
    expect(limiter.secondsToWait('a')).toBe(0);
  });

  it('saves up a second, and no more', () => {
    const { clock, limiter } = setUp();
    limiter.charge('a', 1);
    clock.nowMs = 3_600_000;
    limiter.charge('a', 1_500);
    expect(limiter.secondsToWait('a')).toBe(1);
  });

  it('is not kept waiting by another', () => {
    const { limiter } = setUp();
    limiter.charge('a', 5_000);
    expect(limiter.secondsToWait('b')).toBe(0);
  });

  it('is forgotten only when ten thousand others have asked since', () => {
    const { limiter } = setUp();
    limiter.charge('a', 5_000);
    for (let n = 0; n < 9_999; n += 1) limiter.charge(`other ${n}`, 1);
    expect(limiter.secondsToWait('a')).toBe(4);
    limiter.charge('one more', 1);
    expect(limiter.secondsToWait('a')).toBe(0);
  });

  it('waits for nothing where there is no limit', () => {
    const { limiter } = setUp(null);
    limiter.charge('a', 1e12);
    expect(limiter.secondsToWait('a')).toBe(0);
  });
});

describe('what is asked', () => {
  const PUBLISH =
    'mutation ($input: PublishEventInput!) { publishEvent(input: $input) { event { id body } deliveryCount duplicate userErrors { message } } }';
  const PUBLISH_MANY =
    'mutation ($input: [PublishEventInput!]!) { publishEvents(input: $input) { results { event { id } } userErrors { message } } }';
  const event = { type: 'invoice.paid', data: {} };
  const { rateLimit } = readConfig({});

  it('may be 2,500 events a second, one by one, by default', () => {
    const { send } = setUp(rateLimit);
    for (let n = 0; n < 2_500; n += 1) expect(send(PUBLISH, { input: event })).toHaveProperty('document');
  });

  it('may be 35,000 events a second, five hundred at a time, by default', () => {
    const { send } = setUp(rateLimit);
    const input = Array(500).fill(event);
    for (let n = 0; n < 70; n += 1) expect(send(PUBLISH_MANY, { input })).toHaveProperty('document');
  });

  it.each([
    ['what is no document', () => '{'],
    ['what is not valid', () => '{ weather }'],
    ['what is too large', () => `{ ${'a '.repeat(6_000)} }`],
    [
      'what is too costly',
      () => '{ endpoints(first: 100) { nodes { deliveries(first: 100) { nodes { attempts { id } } } } } }',
    ],
    ['what belongs elsewhere', () => 'subscription { deliveryUpdated { kind } }'],
    ['another document each time', (n: number) => `{ __typename } # ${n}`],
  ])('costs something though it is refused or empty: %s', (_what, query) => {
    const { send, gate } = setUp();
    for (let n = 0; n < 2_000; n += 1) send(query(n));
    const refusal = gate.admit({ accountId: 'a', scopes: [] } as never);
    expect(refusal?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) });
    expect(refusal?.message).toMatch(/Wait \d+ s/);
  });

  it('costs nothing while the account has to wait, so that the wait ends', () => {
    const { send, limiter } = setUp();
    limiter.charge('a', 2_500);
    for (let n = 0; n < 100; n += 1) send('{');
    expect(limiter.secondsToWait('a')).toBe(2);
  });
});
