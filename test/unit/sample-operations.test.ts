import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  buildSchema,
  type DocumentNode,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';
import { SAMPLE_OPERATIONS, SAMPLE_VARIABLES } from '../../src/sample-operations.js';

const SCHEMAS = { 'the contract': 'test/conformance/contract.graphql', 'the API': 'schema.graphql' };

const document: DocumentNode = parse(SAMPLE_OPERATIONS);
const operations = document.definitions.filter(
  (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
);

describe.each(Object.entries(SCHEMAS))('the sample operations, by %s', (_name, file) => {
  const schema = buildSchema(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'));

  it('are all valid', () => {
    expect(validate(schema, document)).toEqual([]);
  });

  it('run with the sample variables', () => {
    for (const { variableDefinitions = [] } of operations) {
      expect(getVariableValues(schema, variableDefinitions, SAMPLE_VARIABLES).errors).toBeUndefined();
    }
  });
});

describe('the sample operations', () => {
  it('lead from the first endpoint to a retry, each with a name and a word about it', () => {
    expect(operations.map(({ name }) => name?.value)).toEqual([
      'Endpoints',
      'CreateEndpoint',
      'WatchDeliveries',
      'PublishEvent',
      'SendTestEvent',
      'DisableEndpoint',
      'EnableEndpoint',
      'Failures',
      'RetryDelivery',
    ]);
    expect(new Set(operations.map(({ operation }) => operation))).toEqual(new Set(Object.values(OperationTypeNode)));
    const commented = SAMPLE_OPERATIONS.match(/^# .*\n(query|mutation|subscription) /gm);
    expect(commented).toHaveLength(operations.length);
  });

  it('fit into the URL by which Sandbox gets them', () => {
    const parameters = [SAMPLE_OPERATIONS, JSON.stringify(SAMPLE_VARIABLES, null, 2)].map(encodeURIComponent);
    expect(parameters.join('').length).toBeLessThan(6_000);
  });
});
