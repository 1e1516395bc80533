import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Setup, setUp } from '../support/service.js';
import { setUpSeveral } from '../support/several-services.js';

const BUILT = join(import.meta.dirname, '../../dist/dashboard');

let setup: Setup;
let page: string;

beforeAll(async () => {
  setup = await setUp({ env: { ALLOWED_ORIGINS: 'https://app.example.com' } });
  page = await readFile(join(BUILT, 'index.html'), 'utf8');
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(setup.service.url + path, { headers });
const assets = () => [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);

/** `fetch` decodes what it gets; this is what goes over the wire. */
function encodingOf(path: string, accept: string): Promise<{ encoding: string | undefined; bytes: number }> {
  return new Promise((resolve, reject) => {
    const asking = request(setup.service.url + path, { headers: { 'accept-encoding': accept } }, async (response) => {
      let bytes = 0;
      for await (const piece of response) bytes += piece.length;
      resolve({ encoding: response.headers['content-encoding'], bytes });
    });
    asking.on('error', reject).end();
  });
}

describe('the page', () => {
  it.each(['/', '/endpoints', '/endpoints/new', '/endpoints/ep_1', '/deliveries', '/deliveries/dlv_1?status=FAILED'])(
    'is at %s, and never taken from a cache unasked',
    async (path) => {
      const response = await get(path);
      expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-cache',
      ]);
      expect(await response.text()).toBe(page);
    },
  );

  it('may run and load its own files only, and be framed by allowed origins only', async () => {
    const { headers } = await get('/');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'self' https://app.example.com",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(page).not.toMatch(/<script>|<style|\son\w+=|\sstyle=|https?:\/\//);
  });
});

describe('the explorer', () => {
  it('may run its own files only, write styles, and be framed by nobody', async () => {
    const response = await get('/graphiql');
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; worker-src 'self'; frame-ancestors 'none'",
    );
    const html = await response.text();
    expect(html).not.toMatch(/<script>|\son\w+=|https?:\/\//);
    for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(path).toMatch(/^\/graphiql\/assets\//);
      expect((await get(path!)).headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
  });
});

describe('its files', () => {
  it('are kept for good, as their names tell what is in them', async () => {
    expect(assets()).toHaveLength(3);
    for (const path of assets()) {
      const response = await get(path);
      expect([response.status, response.headers.get('cache-control')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
      ]);
      expect(response.headers.get('content-type')).toMatch(
        path.endsWith('.js') ? /^text\/javascript/ : path.endsWith('.css') ? /^text\/css/ : /^image\/svg/,
      );
      expect(await response.text()).toBe(await readFile(join(BUILT, path), 'utf8'));
    }
  });

  it('are sent compressed to whoever takes that', async () => {
    const script = assets().find((path) => path.endsWith('.js'))!;
    const plain = await encodingOf(script, 'identity');
    const gzip = await encodingOf(script, 'gzip, deflate');
    const brotli = await encodingOf(script, 'gzip, deflate, br');

    expect([plain.encoding, gzip.encoding, brotli.encoding]).toEqual([undefined, 'gzip', 'br']);
    expect(gzip.bytes).toBeLessThan(plain.bytes / 2);
    expect(brotli.bytes).toBeLessThan(gzip.bytes);
    expect((await get(script)).headers.get('vary')).toMatch(/accept-encoding/i);
  });
});

it.each([
  '/nothing',
  '/index.html',
  '/assets',
  '/assets/nothing.js',
  '/assets/../index.html',
  '/assets/%2e%2e/index.html',
  '/.made-of',
  '/endpointsx',
  '/graphiql/index.html',
  '/graphiql/assets/../index.html',
  '/graphiql/assets/nothing.js',
])('there is nothing at %s', async (path) => {
  const { status, body } = await new Promise<{ status?: number; body: string }>((resolve, reject) => {
    // `fetch` would tidy the path up.
    const { hostname, port } = new URL(setup.service.url);
    const asking = request({ hostname, port, path }, async (response) => {
      let text = '';
      for await (const piece of response) text += piece;
      resolve({ status: response.statusCode, body: text });
    });
    asking.on('error', reject).end();
  });
  expect([status, JSON.parse(body).errors[0].extensions.code]).toEqual([404, 'NOT_FOUND']);
});

it('is not there in a process without the API', async () => {
  await using services = await setUpSeveral({ roles: ['dispatcher'] });
  expect((await fetch(`${services.urls[0]}/`)).status).toBe(404);
});
