import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { LiveClient } from '../support/live.js';
import { type Setup, setUp } from '../support/service.js';
import { createSigningKey, pemOf, type SigningKey, TokenIssuer, type TokenParts } from '../support/token-issuer.js';

const clock = { offsetMs: 0, now: () => Date.now() + clock.offsetMs };
const VIEWER = '{ viewer { accountId scopes } }';
const UPDATES = 'subscription { deliveryUpdated { kind } }';

let issuer: TokenIssuer;
let setup: Setup;
let api: ApiClient;
let rsa: SigningKey;
let secondRsa: SigningKey;
let elliptic: SigningKey;
let stranger: SigningKey;

beforeAll(async () => {
  [rsa, secondRsa, elliptic, stranger] = (await Promise.all([
    createSigningKey('rsa-1'),
    createSigningKey('rsa-2'),
    createSigningKey('ec-1', 'ES256'),
    createSigningKey('rsa-1'),
  ])) as [SigningKey, SigningKey, SigningKey, SigningKey];
  issuer = await TokenIssuer.start([rsa, secondRsa, elliptic]);
  setup = await setUp({ clock, env: issuer.env });
  api = setup.api;
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const nowSeconds = () => Math.floor(clock.now() / 1_000);

describe('a token', () => {
  it.each([
    ['the first key', () => rsa],
    ['the second of its kind', () => secondRsa],
    ['another kind of key', () => elliptic],
  ])('signed with %s says who comes, over HTTP as over a socket', async (_what, key) => {
    const bearer = api.as(await issuer.sign({}, key()));

    expect(await bearer.request(VIEWER)).toEqual({
      viewer: { accountId: 'tenant-7', scopes: ['endpoints:read', 'deliveries:read'] },
    });
    await using live = await LiveClient.connect(bearer);
    expect(await live.subscribe(UPDATES).next()).toEqual({ deliveryUpdated: { kind: 'READY' } });
  });

  it.each<[string, TokenParts['claims'], unknown]>([
    ['a list of scopes', { scope: ['events:read', 'email', 7, null] }, ['events:read']],
    ['the same scope twice', { scope: 'events:read events:read' }, ['events:read']],
    ['scopes that nobody knows', { scope: 'root EVENTS:READ toString' }, []],
    ['no scopes', { scope: undefined }, []],
    ['scopes that are none', { scope: { 'events:read': true } }, []],
    ['several audiences', { aud: ['other', 'webhooks'], scope: '' }, []],
    ['a start that is over', { nbf: 1, scope: '' }, []],
  ])('may carry %s', async (_what, claims, scopes) => {
    expect(await api.as(await issuer.sign({ claims })).request(VIEWER)).toEqual({
      viewer: { accountId: 'tenant-7', scopes },
    });
  });

  it('does no more than its scopes allow', async () => {
    const { data, errors } = await api.as(await issuer.sign()).send('{ events { nodes { id } } }');

    expect({ data, errors }).toMatchObject({ data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  it('need not name its key: each that could be is tried', async () => {
    for (const key of [rsa, secondRsa, elliptic]) {
      const bearer = api.as(await issuer.sign({ header: { kid: undefined } }, key));
      expect((await bearer.send(VIEWER)).status).toBe(200);
    }
    const none = api.as(await issuer.sign({ header: { kid: undefined } }, stranger));
    expect((await none.send(VIEWER)).status).toBe(401);
  });

  it.each<[string, () => string | Promise<string>]>([
    ['no algorithm', async () => `${base64({ alg: 'none' })}.${(await issuer.sign()).split('.')[1]}.`],
    [
      'another spelling of no algorithm',
      async () => `${base64({ alg: 'nOnE' })}.${(await issuer.sign()).split('.')[1]}.`,
    ],
    ['the public key for a shared secret', () => signWithPublicKey(issuer, rsa)],
    ['no signature', async () => `${(await issuer.sign()).split('.').slice(0, 2).join('.')}.`],
    ['a signature of other claims', () => mixed(issuer)],
    ['a key of somebody else by the same name', () => issuer.sign({}, stranger)],
    ['a key that nobody publishes', () => issuer.sign({ header: { kid: 'unknown' } })],
    ['the name of a key of another kind', () => issuer.sign({ header: { kid: 'ec-1' } })],
    [
      'a key of its own',
      () => issuer.sign({ header: { kid: 'mine', jwk: {}, jku: 'https://example.com/' } }, stranger),
    ],
    ['another issuer', () => issuer.sign({ claims: { iss: 'https://example.com' } })],
    ['no issuer', () => issuer.sign({ claims: { iss: undefined } })],
    ['another audience', () => issuer.sign({ claims: { aud: 'billing' } })],
    ['no audience', () => issuer.sign({ claims: { aud: undefined } })],
    ['an end that is over', () => issuer.sign({ claims: { exp: nowSeconds() - 60 } })],
    ['no end', () => issuer.sign({ claims: { exp: undefined } })],
    ['an end that is no number', () => issuer.sign({ claims: { exp: 'tomorrow' as never } })],
    ['a start to come', () => issuer.sign({ claims: { nbf: nowSeconds() + 600 } })],
    ['no account', () => issuer.sign({ claims: { account: undefined } })],
    ['an empty account', () => issuer.sign({ claims: { account: '' } })],
    ['an account that is a number', () => issuer.sign({ claims: { account: 7 } })],
    ['several accounts', () => issuer.sign({ claims: { account: ['tenant-7'] } })],
    ['an account that is no name', () => issuer.sign({ claims: { account: 'a b' } })],
    ['an account with a line break', () => issuer.sign({ claims: { account: 'tenant-7\n' } })],
    ['an account too long', () => issuer.sign({ claims: { account: 'a'.repeat(65) } })],
    ['two parts only', () => 'eyJhbGciOiJSUzI1NiJ9.e30'],
    ['nothing that can be read', () => 'a.b.c'],
    ['a header that is no object', async () => `${base64([])}.${base64({})}.x`],
    ['claims that are no object', () => `${base64({ alg: 'RS256', kid: 'rsa-1' })}.W10.c2ln`],
  ])('is refused with %s', async (_what, create) => {
    const bearer = api.as(await create());

    expect(await bearer.send(VIEWER)).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    await expect(LiveClient.connect(bearer)).rejects.toThrow('4403');
  });

  it('ends its subscriptions when it ends, and is refused from then on', async () => {
    const brief = api.as(await issuer.sign({ claims: { exp: nowSeconds() + 600 } }));
    const long = api.as(await issuer.sign({ claims: { exp: nowSeconds() + 3_000 } }));
    await using live = await LiveClient.connect(brief);
    await using longLive = await LiveClient.connect(long);
    await live.subscribe(UPDATES).next();

    clock.offsetMs += 610_000;

    expect(await live.closed()).toEqual({ code: 4403, reason: 'Forbidden: the credentials have expired.' });
    expect((await brief.send(VIEWER)).status).toBe(401);
    expect((await long.send(VIEWER)).status).toBe(200);
    expect(longLive.socket.readyState).toBe(longLive.socket.OPEN);
  });

  it('makes no API key that outlives it', async () => {
    const exp = nowSeconds() + 600;
    const admin = api.as(await issuer.sign({ claims: { exp, scope: 'keys:admin' } }));
    const input = { name: 'Outlives', scopes: ['keys:admin'] };

    expect((await admin.tryToCreateApiKey(input)).userErrors).toMatchObject([{ field: ['input', 'expiresAt'] }]);
    const expiresAt = new Date(exp * 1_000).toISOString();
    expect((await admin.tryToCreateApiKey({ ...input, expiresAt })).apiKey).toMatchObject({ expiresAt });
  });
});

describe('the keys of the issuer', () => {
  it('are looked up again when a new one is used, and those taken away are not accepted for ever', async () => {
    const next = await createSigningKey('rsa-3');
    issuer.keys = [next, elliptic];
    const [bearer, before] = [
      api.as(await issuer.sign({}, next)),
      api.as(await issuer.sign({ claims: { jti: '1' } }, rsa)),
    ];

    await eventually('the new key is accepted', async () => (await bearer.send(VIEWER)).status === 200);

    expect((await before.send(VIEWER)).status).toBe(401);
    issuer.keys = [rsa, secondRsa, elliptic];
    await eventually('the old key is back', async () => (await before.send(VIEWER)).status === 200);
  });

  it('are not asked for as often as strangers like', async () => {
    const asked = issuer.asked;
    const startedAtMs = performance.now();

    for (let count = 0; count < 50; count++) {
      const unknown = api.as(await issuer.sign({ header: { kid: `unknown-${count}` } }, stranger));
      expect((await unknown.send(VIEWER)).status).toBe(401);
    }

    // Once every two seconds at most.
    expect(issuer.asked - asked).toBeLessThanOrEqual(2 + (performance.now() - startedAtMs) / 2_000);
  });

  it('may not be to be had: then nobody is told that the token is wrong', async () => {
    await using own = await TokenIssuer.start([rsa]);
    await using other = await setUp({ env: { ...own.env, LOG_LEVEL: 'silent' } });
    const bearer = other.api.as(await own.sign());

    for (const fault of [
      { status: 500, body: 'Sorry' },
      { status: 200, body: '<html>' },
      { status: 200, body: '{"keys":7}' },
      { status: 302, body: '' },
    ]) {
      own.fault = fault;
      const answer = await bearer.send(VIEWER);
      expect({ fault, answer }).toMatchObject({
        fault,
        answer: {
          status: 503,
          errors: [{ extensions: { code: 'UNAVAILABLE' }, message: expect.stringContaining('token') }],
        },
      });
      await expect(LiveClient.connect(bearer)).rejects.toThrow('1013');
    }
    expect((await other.api.send(VIEWER)).status).toBe(200);

    own.fault = null;
    expect((await bearer.send(VIEWER)).status).toBe(200);
  });
});

it('takes account and scopes from the claims that the operator names', async () => {
  const env = { ...issuer.env, JWT_ACCOUNT_CLAIM: 'https://example.com/tenant', JWT_SCOPE_CLAIM: 'scp' };
  await using other = await setUp({ env });
  const sign = (claims: object) => issuer.sign({ claims: { account: undefined, scope: undefined, ...claims } });

  const bearer = other.api.as(await sign({ 'https://example.com/tenant': 'tenant-8', scp: ['events:read'] }));
  expect(await bearer.request(VIEWER)).toEqual({ viewer: { accountId: 'tenant-8', scopes: ['events:read'] } });
  expect((await other.api.as(await issuer.sign()).send(VIEWER)).status).toBe(401);
});

/** HS256 with what everybody can read, as if it were a secret. */
async function signWithPublicKey(from: TokenIssuer, key: SigningKey): Promise<string> {
  const [, claims] = (await from.sign()).split('.');
  const message = `${base64({ alg: 'HS256', kid: key.kid })}.${claims}`;
  return `${message}.${createHmac('sha256', await pemOf(key))
    .update(message)
    .digest('base64url')}`;
}

async function mixed(from: TokenIssuer): Promise<string> {
  const [header, claims] = (await from.sign({ claims: { account: 'other' } })).split('.');
  return [header, claims, (await from.sign()).split('.')[2]].join('.');
}
