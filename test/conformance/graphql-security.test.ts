import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Setup, setUp } from '../support/service.js';

/**
 * What the auditing tool `graphql-cop` looks for, by its names, asked as it asks.
 *
 * @see https://github.com/dolevf/graphql-cop
 */
let setup: Setup;

beforeAll(async () => {
  setup = await setUp({ env: { LOG_LEVEL: 'silent' } });
});

afterAll(async () => setup[Symbol.asyncDispose]());

interface Answer {
  status: number;
  text: string;
  data?: Record<string, unknown> | null;
  errors: { message: string; extensions: { code: string } }[];
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const { data, errors = [] } = JSON.parse(text) as Partial<Answer>;
  return { status: response.status, text, data, errors };
}

const post = async (body: unknown, headers: Record<string, string> = {}) =>
  read(await setup.api.post(typeof body === 'string' ? body : JSON.stringify(body), headers));

const get = async (query: string, headers: Record<string, string> = {}) => {
  const { url, apiKey } = setup.api;
  return fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, {
    headers: { authorization: `Bearer ${apiKey}`, ...headers },
  });
};

describe('denial of service', () => {
  it('alias overloading: a hundred and one aliases are refused', async () => {
    const aliases = Array.from({ length: 101 }, (_, n) => `alias${n}:__typename`).join(' \n');
    expect(await post({ query: `query cop { ${aliases} }` })).toMatchObject({
      status: 400,
      data: undefined,
      errors: [{ message: expect.stringMatching(/^More than 50 aliases/) }],
    });
  });

  it('array-based query batching: a batch is refused as a whole', async () => {
    const batch = Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' }));
    expect(await post(batch)).toMatchObject({ status: 400, data: undefined, errors: [expect.anything()] });
  });

  it('directive overloading: ten directives are refused with one error', async () => {
    const { status, errors } = await post({ query: `query cop { __typename ${'@aa'.repeat(10)} }` });
    expect({ status, count: errors.length }).toEqual({ status: 400, count: 1 });
  });

  it('circular query via introspection: refused', async () => {
    const query = `query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } }
      } } } } } } } } }`;
    expect(await post({ query })).toMatchObject({ status: 400, data: undefined, errors: [expect.anything()] });
  });

  it('field duplication: five hundred times one field are refused', async () => {
    expect(await post({ query: `query cop { ${'__typename \n'.repeat(500)} }` })).toMatchObject({
      status: 400,
      data: undefined,
      errors: [{ message: expect.stringMatching(/^More than 50 mentions of one field/) }],
    });
  });
});

describe('what is told', () => {
  it('field suggestions and introspection: hidden where the operator hides the schema', async () => {
    await using hidden = await setUp({ env: { LOG_LEVEL: 'silent', INTROSPECTION: 'off' } });
    const said = async (query: string, variables = {}) =>
      read(await hidden.api.post(JSON.stringify({ query, variables })));

    for (const [query, variables] of [
      ['query cop { __schema { directive } }'],
      ['query cop { viewr { accountId } }'],
      ['query cop { viewer { acountId } }'],
      ['query cop { viewer }'],
      ['query cop { endpoints(frst: 1) { totalCount } }'],
      ['query cop ($id: IDD) { viewer { accountId } }'],
      ['query cop { node(id: "x") { ... on Deliver { id } } }'],
      ['query cop { deliveries(filter: { status: [HELD] }) { totalCount } }'],
      ['query cop { deliveries(filter: { statuses: [HOLD] }) { totalCount } }'],
      ['query cop ($f: DeliveryFilter) { deliveries(filter: $f) { totalCount } }', { f: { statuses: ['HOLD'] } }],
      ['query cop ($f: DeliveryFilter) { deliveries(filter: $f) { totalCount } }', { f: { status: ['HELD'] } }],
      ['query cop { viewer @skp(if: true) { accountId } }'],
    ] as const) {
      const { status, text, errors } = await said(query, variables);
      expect({ query, status, hasErrors: errors.length > 0 }).toEqual({ query, status: 400, hasErrors: true });
      // Of a field without selection GraphQL only repeats the name.
      if (query !== 'query cop { viewer }') expect(text).not.toMatch(/did you mean/i);
    }
    expect(await said('{ __schema { types { name } } }')).toMatchObject({ status: 400, data: undefined });
  });

  it('trace mode: an answer carries no tracing', async () => {
    const { text } = await post({ query: 'query cop { __typename }' }, { 'apollo-federation-include-trace': 'ftv1' });
    expect(text).toBe('{"data":{"__typename":"Query"}}\n');
  });

  it.each([
    ['a query without an end', { query: 'qwerty cop { abc }' }],
    ['no query', {}],
    ['a query that is a list', { query: ['{ __typename }'] }],
    ['variables that are text', { query: '{ __typename }', variables: 'x' }],
    ['extensions that are text', { query: '{ __typename }', extensions: 'x' }],
    ['another operation', { query: 'query cop { __typename }', operationName: 'qwerty' }],
  ])('unhandled errors: no stack, no file and no exception for %s', async (_what, body) => {
    const { status, text } = await post(body);
    expect(status).toBe(400);
    expect(text).not.toMatch(/stacktrace|exception|node_modules|\.[jt]s\b|\bat \w+ \(/i);
  });
});

describe('requests that a web page can make', () => {
  const MUTATION = 'mutation cop { deleteEndpoint(id: "ep_1") { deletedEndpointId } }';

  it('GET-based mutations: refused, whatever their headers', async () => {
    const plain = await read(await get(MUTATION));
    const declared = await get(MUTATION, { 'apollo-require-preflight': 'true' });
    expect(plain).toMatchObject({ status: 400, data: undefined });
    expect({ status: declared.status, allow: declared.headers.get('allow') }).toEqual({ status: 405, allow: 'POST' });
  });

  it('GET-based queries, introspection among them: refused without a header that a page cannot send unasked', async () => {
    for (const query of ['query cop { __typename }', '{ __schema { queryType { name } } }']) {
      expect(await read(await get(query))).toMatchObject({ status: 400, data: undefined });
    }
  });

  it('POST-based URL-encoded queries: refused', async () => {
    const { url, apiKey } = setup.api;
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}` },
      body: new URLSearchParams({ query: 'query cop { __typename }' }),
    });
    expect(await read(response)).toMatchObject({ status: 400, data: undefined });
  });
});

it('GraphQL IDE: there are two on purpose, which do nothing for a visitor without a key', async () => {
  const page = await fetch(`${setup.api.url}/graphql`, { headers: { accept: 'text/html' } });
  expect({ status: page.status, type: page.headers.get('content-type') }).toMatchObject({ status: 200 });
  expect(await read(await setup.api.as(null).post('{"query":"{ __typename }"}'))).toMatchObject({ status: 401 });
  const explorer = await fetch(`${setup.api.url}/graphiql`);
  expect(explorer.headers.get('content-security-policy')).toMatch(/script-src 'self'.*frame-ancestors 'none'/);
  for (const path of ['/playground', '/console', '/altair', '/voyager']) {
    expect((await fetch(`${setup.api.url}${path}`)).status).toBe(404);
  }
});
