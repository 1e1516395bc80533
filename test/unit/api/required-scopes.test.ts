import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { extendSchema, type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { SCOPES } from '../../../src/access/account.js';
import { createRequireScopes, findUndeclared } from '../../../src/api/required-scopes.js';
import { buildSchema } from '../../../src/api/schema.js';

const schema = buildSchema();

const extended = (text: string): GraphQLSchema => extendSchema(schema, parse(text));

describe('the tables of scopes', () => {
  it('name every operation and object type, and nothing else', () => {
    expect(findUndeclared(schema)).toEqual([]);
  });

  it.each([
    ['a query', 'extend type Query { secrets: String }', 'Query.secrets'],
    ['a mutation', 'extend type Mutation { deleteAll: Boolean }', 'Mutation.deleteAll'],
    ['a subscription', 'extend type Subscription { everything: String }', 'Subscription.everything'],
    ['a type', 'extend type Viewer { profile: Profile } type Profile { name: String }', 'Profile'],
    ['a field that may answer anything', 'extend type Viewer { favourite: Node }', 'Viewer.favourite'],
  ])('stop the start of a service with %s that they do not have', (_what, text, name) => {
    expect(() => createRequireScopes(extended(text))).toThrow(name);
  });
});

describe('a document', () => {
  const requireScopes = createRequireScopes(schema);

  it('with as many spreads as one likes is walked in no time', () => {
    // Each spread twice: two to the power of fifty, were a fragment walked wherever it is spread.
    const fragments = Array.from(
      { length: 50 },
      (_, index) => `fragment f${index} on Delivery { ...f${index + 1} ...f${index + 1} }`,
    );
    const document = parse(
      `{ deliveries { nodes { ...f0 } } } ${fragments.join(' ')} fragment f50 on Delivery { endpoint { id } }`,
    );
    const caller = { accountId: 'a', scopes: ['deliveries:read'] as const };

    const refusal = requireScopes(caller, document, getOperationAST(document)!, {});

    expect(refusal?.message).toBe(
      'Delivery.endpoint needs the scope endpoints:read, which your credentials do not have.',
    );
  });

  it('is judged anew for each caller and each id, though it is walked once', () => {
    const document = parse('query ($id: ID!) { node(id: $id) { id } }');
    const operation = getOperationAST(document)!;
    const ask = (scopes: readonly (typeof SCOPES)[number][], id: string) =>
      requireScopes({ accountId: 'a', scopes }, document, operation, { id })?.extensions.code;

    expect([
      ask(SCOPES, 'ep_1'),
      ask(['events:read'], 'ep_1'),
      ask(['events:read'], 'evt_1'),
      ask(['endpoints:read'], 'evt_1'),
      ask(['endpoints:read'], 'ep_1'),
    ]).toEqual([undefined, 'FORBIDDEN', undefined, 'FORBIDDEN', undefined]);
  });
});
