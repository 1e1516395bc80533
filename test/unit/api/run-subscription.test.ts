import { expect, it } from '@jest/globals';
import {
  type ExecutionResult,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  getOperationAST,
  parse,
} from 'graphql';
import { Answer } from '../../../src/api/answer.js';
import type { ApiContext } from '../../../src/api/context.js';
import { runSubscription } from '../../../src/api/run-subscription.js';
import { createLog } from '../../../src/log.js';

/** A schema with one subscription, whose field counts how often it is asked for. */
function setUp() {
  const event = { name: 'one for all' };
  let askedFor = 0;
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { none: { type: GraphQLString } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        count: {
          type: GraphQLInt,
          args: { from: { type: GraphQLInt } },
          subscribe: async function* () {
            yield event;
          },
          resolve: () => {
            askedFor += 1;
            return askedFor;
          },
        },
      },
    }),
  });
  const first = async (accountId: string, variableValues: Record<string, unknown> = {}) => {
    const query = 'subscription ($from: Int) { count(from: $from) }';
    const context = { caller: { accountId, scopes: [] }, answer: new Answer() } as unknown as ApiContext;
    const document = parse(query);
    const operation = getOperationAST(document)!;
    const rest = { operationName: undefined, hideSuggestions: false, settle: () => {} };
    const prepared = { schema, query, document, operation, variableValues, ...rest };
    const results = await runSubscription(prepared, () => context, createLog({ level: 'fatal' }));
    return (await (results as AsyncIterableIterator<ExecutionResult>).next()).value;
  };
  return { first };
}

it('makes one result for all who ask the same of the same event', async () => {
  const { first } = setUp();
  const results = [await first('a'), await first('a'), await first('a')];
  expect(results[0]).toEqual({ data: { count: 1 } });
  expect(results.every((result) => result === results[0])).toBe(true);
});

it('makes another for another account, and for other variables', async () => {
  const { first } = setUp();
  const counts = [await first('a'), await first('b'), await first('a', { from: 1 })].map(({ data }) => data?.count);
  expect(counts).toEqual([1, 2, 3]);
});
