import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LiveClient, RawSocket } from '../support/live.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

const QUERY = JSON.stringify({ query: '{ viewer { accountId } }' });

/** Sends what a browser would send for a page of `origin`; `fetch` may not set such headers. */
async function send(
  { service }: Setup,
  method: string,
  headers: Record<string, string>,
  body = '',
  path = '/graphql',
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${service.url}${path}`, { method, headers }, async (response) => {
      const chunks = await Array.fromAsync(response);
      resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() });
    });
    sent.on('error', reject).end(body);
  });
}

const preflight = (setup: Setup, origin: string) =>
  send(setup, 'OPTIONS', {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization, content-type',
  });

const query = (setup: Setup, origin?: string) =>
  send(
    setup,
    'POST',
    { ...(origin && { origin }), authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    QUERY,
  );

describe('unless told otherwise', () => {
  let setup: Setup;

  beforeAll(async () => {
    setup = await setUp();
  });

  afterAll(async () => {
    await setup[Symbol.asyncDispose]();
  });

  it.each([
    'https://sandbox.embed.apollographql.com',
    'https://studio.apollographql.com',
    'https://sandbox.apollo.dev',
  ])('pages of %s may call the API, and read its answers', async (origin) => {
    const asked = await preflight(setup, origin);
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type, apollo-require-preflight',
      vary: expect.stringMatching(/origin/i),
    });
    expect(asked.headers).not.toHaveProperty('access-control-allow-credentials');

    const answer = await query(setup, origin);
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(origin);

    await using live = await LiveClient.connect(setup.api, { headers: { origin } });
    expect(live.connections).toBe(1);
  });

  it('pages of the service itself may, also behind a proxy that ends TLS', async () => {
    const origins = [setup.service.url, setup.service.url.replace('http:', 'https:')];
    for (const origin of origins) {
      expect((await preflight(setup, origin)).status).toBe(204);
      expect((await query(setup, origin)).headers['access-control-allow-origin']).toBe(origin);
      await using live = await LiveClient.connect(setup.api, { headers: { origin } });
      expect(live.connections).toBe(1);
    }
  });

  it('programs that are no pages may', async () => {
    const answer = await query(setup);
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.headers.vary).toMatch(/origin/i);
  });

  it.each([
    'https://evil.example',
    'https://sandbox.apollo.dev.evil.example',
    'http://sandbox.apollo.dev',
    'https://sandbox.apollo.dev:8443',
    'null',
    'file://',
    'http://127.0.0.1',
  ])('pages of %s may not', async (origin) => {
    const asked = await preflight(setup, origin);
    expect(asked.status).toBe(403);
    expect(asked.text).toContain('ALLOWED_ORIGINS');
    expect(Object.keys(asked.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);

    // A browser would not have sent this, having asked; whoever does learns nothing that a page could read.
    expect((await query(setup, origin)).headers).not.toHaveProperty('access-control-allow-origin');

    await expect(RawSocket.open(setup.api, { headers: { origin } })).rejects.toThrow('Unexpected server response: 403');
  });

  it('errors can be read by pages that may ask, too', async () => {
    const origin = 'https://studio.apollographql.com';
    const stranger = await send(setup, 'POST', { origin, 'content-type': 'application/json' }, QUERY);
    expect(stranger.status).toBe(401);
    expect(stranger.headers['access-control-allow-origin']).toBe(origin);

    const broken = await send(
      setup,
      'POST',
      { origin, authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      '{"query": ',
    );
    expect(broken.status).toBe(400);
    expect(broken.headers['access-control-allow-origin']).toBe(origin);
  });
});

it('only the origins in ALLOWED_ORIGINS may, and those of the service', async () => {
  await using setup = await setUp({ env: { ALLOWED_ORIGINS: 'https://app.example.com, http://localhost:3000' } });
  for (const origin of ['https://app.example.com', 'http://localhost:3000', setup.service.url]) {
    expect((await preflight(setup, origin)).status).toBe(204);
    await using live = await LiveClient.connect(setup.api, { headers: { origin } });
    expect(live.connections).toBe(1);
  }
  for (const origin of ['https://sandbox.apollo.dev', 'http://localhost:3001']) {
    expect((await preflight(setup, origin)).status).toBe(403);
    await expect(RawSocket.open(setup.api, { headers: { origin } })).rejects.toThrow('403');
  }
});

it('any origin may with ALLOWED_ORIGINS=*', async () => {
  await using setup = await setUp({ env: { ALLOWED_ORIGINS: '*' } });
  for (const origin of ['https://anything.example', 'null']) {
    expect((await preflight(setup, origin)).headers['access-control-allow-origin']).toBe(origin);
    await using live = await LiveClient.connect(setup.api, { headers: { origin } });
    expect(live.connections).toBe(1);
  }
});

it('a request for another protocol or another path is not mistaken for a socket', async () => {
  await using setup = await setUp();
  const upgrade = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };

  // Some HTTP clients, Java's among them, offer HTTP/2 with every request.
  const h2c = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA' };
  const answer = await send(setup, 'POST', { ...upgrade, ...h2c }, QUERY);
  expect({ status: answer.status, body: JSON.parse(answer.text) }).toEqual({
    status: 200,
    body: { data: { viewer: { accountId: 'default' } } },
  });

  const socket = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  };
  for (const path of ['/', '/graphql/live', '/livez', '//', '/graphql%00']) {
    const refused = await send(setup, 'GET', socket, '', path);
    expect({ status: refused.status, text: refused.text }).toEqual({
      status: 404,
      text: 'There is nothing here. The API is at /graphql.',
    });
  }
  expect((await send(setup, 'GET', { ...socket, 'sec-websocket-key': 'short' })).status).toBe(400);
});
