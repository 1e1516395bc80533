import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { buildSchema as buildToySchema, type GraphQLObjectType, getOperationAST, parse } from 'graphql';
import { Answer } from '../../../src/api/answer.js';
import type { ApiContext } from '../../../src/api/context.js';
import { executeOperation } from '../../../src/api/execute-operation.js';
import { guardFields } from '../../../src/api/guard-fields.js';

/** A schema whose `slow` comes when the test says so, and which counts what is asked for below it. */
function setUp() {
  const slow = Promise.withResolvers<object>();
  let asked = 0;
  const schema = buildToySchema(
    'type Query { slow: Thing broken: [Thing!] } type Mutation { slow: Thing } type Thing { below: Thing fault: Int! }',
  );
  const fieldsOf = (name: string) => (schema.getType(name) as GraphQLObjectType).getFields();
  for (const name of ['Query', 'Mutation']) fieldsOf(name).slow!.resolve = () => slow.promise;
  fieldsOf('Query').broken!.resolve = () => Array(50).fill({});
  fieldsOf('Thing').below!.resolve = () => {
    asked += 1;
    return {};
  };
  fieldsOf('Thing').fault!.resolve = async () => {
    throw new Error('broken');
  };
  guardFields(schema);
  const context = { answer: new Answer() } as unknown as ApiContext;
  const run = (query: string) => {
    const document = parse(query);
    const operation = getOperationAST(document)!;
    const rest = { operationName: undefined, variableValues: {}, hideSuggestions: false, settle: () => {} };
    return executeOperation({ schema, query, document, operation, ...rest }, context);
  };
  return { run, slow, askedBelow: () => asked };
}

describe('an operation that does not end', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('is given up after ten seconds, and asks for nothing more', async () => {
    const { run, slow, askedBelow } = setUp();
    const running = run('{ slow { below { below { fault } } } }');
    await jest.advanceTimersByTimeAsync(10_000);

    const { data, errors } = await running;
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/longer than 10 s\. Take fewer/), extensions: { code: 'BAD_USER_INPUT' } },
    ]);

    slow.resolve({});
    await jest.advanceTimersByTimeAsync(1);
    expect(askedBelow()).toBe(0);
  });

  it('is waited for when it changes something', async () => {
    const { run, slow, askedBelow } = setUp();
    const running = run('mutation { slow { below { below { __typename } } } }');
    await jest.advanceTimersByTimeAsync(60_000);
    slow.resolve({});

    expect(await running).toEqual({ data: { slow: { below: { below: { __typename: 'Thing' } } } } });
    expect(askedBelow()).toBe(2);
  });

  it('leaves no timer when it does end', async () => {
    const { run, slow } = setUp();
    const running = run('{ slow { __typename } }');
    slow.resolve({});
    await running;
    await jest.advanceTimersByTimeAsync(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});

it('tells ten faults of a page, not all of them', async () => {
  const { run } = setUp();
  const { errors } = await run(
    '{ a: broken { fault } b: broken { fault } c: broken { fault } d: broken { fault } ' +
      'e: broken { fault } f: broken { fault } g: broken { fault } h: broken { fault } i: broken { fault } ' +
      'j: broken { fault } k: broken { fault } }',
  );
  expect(errors).toHaveLength(10);
});
