import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SAMPLE_OPERATIONS } from '../../src/sample-operations.js';
import { type Setup, setUp } from '../support/service.js';

/** What browsers send. */
const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

let setup: Setup;

beforeAll(async () => {
  setup = await setUp();
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
});

const open = ({ service }: Setup, accept = HTML) => fetch(`${service.url}/graphql`, { headers: { accept } });

/** The page without what is new each time. */
async function pageOf(response: Response): Promise<string> {
  const page = await response.text();
  const [, nonce] = /nonce="([^"]+)"/.exec(page)!;
  return page.replaceAll(nonce!, 'NONCE');
}

describe('the URL of the API in a browser', () => {
  it('is Sandbox on this service, subscriptions and sample operations included', async () => {
    const response = await open(setup);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    const page = await pageOf(response);

    expect(page).toContain('src="https://embeddable-sandbox.cdn.apollographql.com/');
    const [, options] = /\.\.\.(\{.*\}),\n/.exec(page)!;
    expect(JSON.parse(options!)).toMatchObject({
      target: '#sandbox',
      initialState: { document: SAMPLE_OPERATIONS, headers: { authorization: 'Bearer <your API key>' } },
    });
    expect(page).toMatch(/initialEndpoint: endpoint,\s+initialSubscriptionEndpoint: subscriptions,/);
  });

  it('says what it is and how to call it, for a browser that cannot reach Apollo', async () => {
    const page = await pageOf(await open(setup));
    const text = page.replace(/<(script|style)[\s\S]*?<\/\1>/g, '').replace(/<[^>]+>/g, '');
    expect(text).toContain('RevKeen Webhooks');
    expect(text).toContain("curl /graphql \\\n  -H 'authorization: Bearer &lt;your API key&gt;'");
    expect(text).toContain('graphql-transport-ws');
  });

  it('runs nothing but what the page came with', async () => {
    const [first, second] = await Promise.all([open(setup), open(setup)]);
    const policy = first.headers.get('content-security-policy')!;
    const [, nonce] = /script-src 'nonce-([^']+)'/.exec(policy)!;
    const page = await first.text();
    expect(page.match(/<script/g)).toHaveLength(page.split(`<script nonce="${nonce}"`).length - 1);
    expect(page.match(/<style/g)).toHaveLength(page.split(`<style nonce="${nonce}"`).length - 1);
    expect(page).not.toMatch(/\son\w+=|\sstyle=/);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(second.headers.get('content-security-policy')).not.toBe(policy);
    expect(first.headers.get('cache-control')).toBe('no-store');
  });

  it('is the same page in every mode', async () => {
    const page = await pageOf(await open(setup));
    const mode = process.env.NODE_ENV;
    try {
      for (const other of ['production', 'development']) {
        process.env.NODE_ENV = other;
        await using service = await setUp({ env: { INTROSPECTION: 'off' } });
        expect(await pageOf(await open(service))).toBe(page);
      }
    } finally {
      process.env.NODE_ENV = mode;
    }
  });
});

it.each(['application/json', 'application/graphql-response+json', '*/*', 'application/json, text/html;q=0.5'])(
  'is no page for a program that accepts %s',
  async (accept) => {
    const response = await open(setup, accept);
    expect(response.headers.get('content-type')).not.toMatch(/html/);
  },
);
