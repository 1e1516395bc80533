import { expect, it } from '@jest/globals';
import { RawSocket } from '../support/live.js';
import { setUp } from '../support/service.js';

const QUERIES = [
  '{ __schema { types { name } } }',
  '{ viewer { accountId } __type(name: "Query") { name } }',
  'query ($yes: Boolean!) { ... @include(if: $yes) { shown: __schema { queryType { name } } } }',
];

it('shows the schema unless told otherwise', async () => {
  await using setup = await setUp();
  const { __type } = await setup.api.request<{ __type: object }>('{ __type(name: "Delivery") { name } }');
  expect(__type).toEqual({ name: 'Delivery' });
});

it('hides the schema with INTROSPECTION=off, over HTTP and over a socket', async () => {
  await using setup = await setUp({ env: { INTROSPECTION: 'off' } });
  for (const query of QUERIES) {
    const { status, data, errors } = await setup.api.send(query, { yes: true });
    expect({ status, data, codes: errors?.map(({ extensions }) => extensions.code) }).toEqual({
      status: 400,
      data: undefined,
      codes: expect.arrayContaining(['GRAPHQL_VALIDATION_FAILED']),
    });
  }
  const named = await setup.api.request('{ viewer { __typename } }');
  expect(named).toEqual({ viewer: { __typename: 'Viewer' } });

  const misspelt = await setup.api.send('{ viewer { acountId } }');
  expect(misspelt.errors?.map(({ message }) => message)).toEqual(['Cannot query field "acountId" on type "Viewer".']);

  await using socket = await RawSocket.connect(setup.api);
  for (const query of [...QUERIES, 'subscription { __schema { queryType { name } } }']) {
    socket.subscribe('1', query, { variables: { yes: true } });
    const { type, payload } = await socket.messages.next();
    expect(type).toBe('error');
    expect(JSON.stringify(payload)).not.toContain('queryType":');
  }
  socket.subscribe('1', 'subscription { deliveryUpdate { kind } }');
  expect((await socket.messages.next()).payload).toMatchObject([
    { message: 'Cannot query field "deliveryUpdate" on type "Subscription".' },
  ]);
});
