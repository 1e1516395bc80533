import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EndpointView } from '../support/api.js';
import { type Setup, setUp } from '../support/service.js';

const url = 'https://example.com/';
const STORED = [
  { name: 'X-Tenant', value: '42' },
  { name: 'Authorization', value: 'Bearer correct-horse', secret: true },
];

let setup: Setup;
let before: EndpointView;

beforeAll(async () => {
  setup = await setUp({ env: { LOG_LEVEL: 'silent', SIGNATURE_HEADER: 'X-Acme-Signature' } });
  const { id } = await setup.api.createEndpoint({ url, allEvents: true, headers: STORED });
  before = (await setup.api.endpoint(id))!;
});

afterAll(async () => {
  // Nothing was half changed, whatever was tried.
  const after = await setup.api.page('endpoints', {}, 'id version');
  await setup[Symbol.asyncDispose]();
  expect(after.nodes).toEqual([{ id: before.id, version: 1 }]);
});

/** Tries to create and to update an endpoint with these settings, and expects both to be refused for the same. */
async function expectRefusal(settings: object, errors: { field: string[]; code: string }[]) {
  const { api } = setup;
  const created = await api.tryToCreateEndpoint({ url, allEvents: true, ...settings });
  const updated = await api.updateEndpoint({ id: before.id, ...settings });
  const userErrors = errors.map((error) => ({ ...error, message: expect.any(String) }));
  expect(created).toEqual({ endpoint: null, signingSecret: null, userErrors });
  expect(updated).toEqual({ endpoint: null, userErrors: created.userErrors });
  return created.userErrors;
}

const at = (...path: string[]) => ['input', ...path];
const invalid = (...path: string[]) => [{ field: at(...path), code: 'INVALID' }];

describe('a header that the service or HTTP needs for itself', () => {
  it.each([
    ...['Content-Type', 'User-Agent', 'Webhook-Id', 'Webhook-Timestamp', 'Webhook-Signature', 'webhook-other'],
    ...['X-RevKeen-Event', 'X-RevKeen-Delivery', 'x-revkeen-attempt'],
    ...['X-Acme-Signature', 'x-acme-signature', 'X-Acme-Signature-Previous', 'X-ACME-SIGNATURE-PREVIOUS'],
    ...['Connection', 'Keep-Alive', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade', 'HTTP2-Settings', 'Host'],
    ...['Content-Length', 'Content-Encoding', 'Content-MD5', 'Expect', 'Date', 'Accept-Encoding', '__proto__'],
    ...['Proxy-Authorization', 'Proxy-Authenticate', 'proxy-connection'],
  ])('is refused: %s', async (name) => {
    await expectRefusal({ headers: [{ name, value: 'forged' }] }, invalid('headers', '0', 'name'));
    await expectRefusal({ headers: [{ name, value: 'forged', secret: true }] }, invalid('headers', '0', 'name'));
  });
});

describe('a header that cannot be', () => {
  it.each(['', ' ', 'X Key', 'X-Key:', ':path', 'X-Key\r\nX-Other', 'X-Kéy', 'X-Key\0', '"X"', '\ud83d'])(
    'is refused by its name: %j',
    async (name) => {
      await expectRefusal({ headers: [{ name, value: 'v' }] }, invalid('headers', '0', 'name'));
    },
  );

  it.each([
    ...['line\nbreak', 'line\r\nX-Injected: yes', 'break at the end\n', 'NUL \0', '\ttab', 'escape \x1b[2J', '\x7f'],
    ...['next line \x85', '12 €', '🧾', '\ud83d', '\u2028'],
  ])('is refused by its value, which no message quotes: %j', async (text) => {
    for (const secret of [false, true]) {
      const headers = [{ name: 'X-Key', value: `correct-horse ${text}`, secret }];
      const [error] = await expectRefusal({ headers }, invalid('headers', '0', 'value'));
      expect(error!.message).not.toContain('correct-horse');
    }
  });

  it('is refused when it is too long', async () => {
    const name = [{ field: at('headers', '0', 'name'), code: 'TOO_LONG' }];
    await expectRefusal({ headers: [{ name: 'x'.repeat(101), value: 'v' }] }, name);
    const value = [{ field: at('headers', '0', 'value'), code: 'TOO_LONG' }];
    await expectRefusal({ headers: [{ name: 'x', value: 'v'.repeat(4_097) }] }, value);
    await expectRefusal({ headers: [{ name: 'x', value: ' '.repeat(1_000_000) }] }, value);
  });

  it('is refused when it is there twice, whatever the letter case', async () => {
    const headers = ['X-Key', 'X-Other', 'x-KEY'].map((name) => ({ name, value: 'v' }));
    await expectRefusal({ headers }, invalid('headers', '2', 'name'));
  });

  it('is refused without a value when none is stored', async () => {
    await expectRefusal({ headers: [{ name: 'X-Key', value: null }] }, invalid('headers', '0', 'value'));
    await expectRefusal({ headers: [{ name: 'X-Key', secret: true }] }, invalid('headers', '0', 'value'));
    const { userErrors } = await setup.api.tryToCreateEndpoint({
      url,
      allEvents: true,
      headers: [{ name: 'Authorization', value: null }],
    });
    expect(userErrors).toMatchObject(invalid('headers', '0', 'value'));
  });

  it('is refused beside twenty others', async () => {
    const headers = Array.from({ length: 21 }, (_, index) => ({ name: `X-${index}`, value: '' }));
    await expectRefusal({ headers }, [{ field: at('headers'), code: 'TOO_MANY' }]);
  });
});

describe('a setting that cannot be', () => {
  it.each([0, -1, 10_001, 2_147_483_647])('is refused: %d attempts a second', async (rateLimitPerSecond) => {
    await expectRefusal({ rateLimitPerSecond }, invalid('rateLimitPerSecond'));
  });

  it.each([[[-1]], [[60, -0.001]], [[604_800.001]], [[1e300]]])('is refused: waits of %j', async (waits) => {
    await expectRefusal({ retryScheduleSeconds: waits }, invalid('retryScheduleSeconds'));
  });

  it('is refused: twenty-one waits', async () => {
    const tooMany = [{ field: at('retryScheduleSeconds'), code: 'TOO_MANY' }];
    await expectRefusal({ retryScheduleSeconds: Array(21).fill(1) }, tooMany);
  });

  it.each(['signatureFormat', 'headers'])('is refused: null for %s', async (field) => {
    expect(await setup.api.updateEndpoint({ id: before.id, description: 'New', [field]: null })).toEqual({
      endpoint: null,
      userErrors: [{ field: at(field), code: 'INVALID', message: expect.any(String) }],
    });
  });

  it('is told together with every other mistake', async () => {
    const settings = {
      url: 'x',
      headers: [
        { name: 'Host', value: '\n' },
        { name: 'X-Fine', value: 'v' },
      ],
      rateLimitPerSecond: 0,
      retryScheduleSeconds: [-1],
    };
    await expectRefusal(settings, [
      { field: at('url'), code: 'INVALID_URL' },
      ...invalid('headers', '0', 'name'),
      ...invalid('headers', '0', 'value'),
      ...invalid('rateLimitPerSecond'),
      ...invalid('retryScheduleSeconds'),
    ]);
  });
});
