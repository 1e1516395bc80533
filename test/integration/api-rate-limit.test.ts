import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GraphqlResponse } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { RawSocket } from '../support/live.js';
import { type Setup, setUp } from '../support/service.js';

/** Costs 4,000 of the 1,000 that an account has each second, whatever is stored: time enough on a slow machine. */
const DEAR = `mutation { ${Array.from({ length: 20 }, (_, n) => `n${n}: retryDeliveries(input: { filter: {}, dryRun: true }) { matchedCount }`).join(' ')} }`;
/** May cost 8,000 units, and does not while there is nothing to list. */
const LARGE =
  '{ deliveries(first: 100) { nodes { attempts { requestHeaders { name value } responseHeaders { name value } } } } }';
const CHEAP = '{ viewer { accountId } }';

let setup: Setup;

beforeAll(async () => {
  setup = await setUp({ env: { LOG_LEVEL: 'silent', RATE_LIMIT: '1000' } });
});

afterAll(async () => setup[Symbol.asyncDispose]());

/** Has the account ask for more than its share, and answers how it is told so. */
async function overdraw(): Promise<{ response: Response; body: GraphqlResponse }> {
  const { api } = setup;
  return eventually('a refusal', async () => {
    const { errors = [] } = await api.send(DEAR);
    expect(errors.filter((error) => error.extensions.code !== 'RATE_LIMITED')).toEqual([]);
    const response = await api.post(JSON.stringify({ query: CHEAP }));
    return response.status === 429 && { response, body: (await response.json()) as GraphqlResponse };
  });
}

const TOLD = { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) };

describe('an account that asks for more than its share', () => {
  it('is told so over HTTP, with 429 and when to come again', async () => {
    const { response, body } = await overdraw();
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(body).toEqual({ errors: [{ message: expect.stringMatching(/Wait \d+ s/), extensions: TOLD }] });
    const [{ extensions }] = body.errors as unknown as [{ extensions: { retryAfterSeconds: number } }];
    expect(response.headers.get('retry-after')).toBe(String(extensions.retryAfterSeconds));
    expect(extensions.retryAfterSeconds).toBeGreaterThan(0);
    expect(extensions.retryAfterSeconds).toBeLessThanOrEqual(20);
  });

  it('is told so with GET and over a socket, which stays open', async () => {
    await overdraw();
    await using socket = await RawSocket.connect(setup.api);
    const { url, apiKey } = setup.api;
    const headers = { authorization: `Bearer ${apiKey}`, 'apollo-require-preflight': 'true' };
    const got = await fetch(`${url}/graphql?query=${encodeURIComponent(CHEAP)}`, { headers });
    socket.subscribe('1', 'subscription { deliveryUpdated { kind } }');

    expect(got.status).toBe(429);
    expect(await socket.messages.next()).toMatchObject({ id: '1', type: 'error', payload: [{ extensions: TOLD }] });
    socket.send({ type: 'ping' });
    expect(await socket.messages.next()).toEqual({ type: 'pong' });
  });

  it('pays for what the answer has, not for what it might have had', async () => {
    for (let n = 0; n < 20; n += 1) {
      expect(await setup.otherApi.request(LARGE)).toEqual({ deliveries: { nodes: [] } });
    }
  });

  it('does not keep another account waiting', async () => {
    await overdraw();
    expect(await setup.otherApi.request(CHEAP)).toEqual({ viewer: { accountId: 'other' } });
  });

  it('may ask again once it has waited, though it asked meanwhile', async () => {
    await overdraw();
    const answered = await eventually(
      'an answer',
      async () => (await setup.api.post(JSON.stringify({ query: CHEAP }))).status === 200,
      60_000,
    );
    expect(answered).toBe(true);
  }, 70_000);
});
