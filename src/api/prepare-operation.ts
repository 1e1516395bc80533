import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { badUserInput } from './errors.js';

/** An operation as a client sends it. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** A subscription that may run: valid, and with variables that fit. */
export interface PreparedSubscription {
  readonly schema: GraphQLSchema;
  /** The document as it was sent. */
  readonly query: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  /** As sent; defaults and coercion come with the execution. */
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** What every operation has to observe beyond GraphQL's own rules, over HTTP as over a socket: limits belong here. */
export function createValidationRules({ introspection }: { introspection: boolean }): ValidationRule[] {
  return introspection ? [] : [NoSchemaIntrospectionCustomRule];
}

/** Makes an operation that came over a socket ready to run, or says what is wrong with it, in the codes of HTTP. */
export function prepareSubscription(
  schema: GraphQLSchema,
  rules: readonly ValidationRule[],
  { query, operationName, variables }: OperationRequest,
): PreparedSubscription | readonly GraphQLError[] {
  const document = parseOrRefuse(query);
  if (document instanceof GraphQLError) return [document];
  const operation = findSubscription(document, operationName);
  if (operation instanceof GraphQLError) return [operation];
  const invalid = validate(schema, document, [...specifiedRules, ...rules]);
  if (invalid.length > 0) return invalid.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  const variableValues = variables ?? {};
  const { errors: unfit } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues);
  if (unfit) return unfit.map((error) => withCode(error, 'BAD_USER_INPUT'));
  return { schema, query, document, operationName: operationName ?? undefined, variableValues };
}

function parseOrRefuse(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query);
  } catch (error) {
    // Whatever else it throws comes of a document so deep that the parser runs out of stack.
    const refusal = error instanceof GraphQLError ? error : new GraphQLError('Syntax Error: nested too deeply.');
    return withCode(refusal, 'GRAPHQL_PARSE_FAILED');
  }
}

function findSubscription(
  document: DocumentNode,
  operationName: string | null | undefined,
): OperationDefinitionNode | GraphQLError {
  const operation = getOperationAST(document, operationName);
  if (!operation) {
    return badUserInput(
      operationName
        ? `Unknown operation named "${operationName}".`
        : 'The document has none or several operations: name the one to run in operationName.',
    );
  }
  if (operation.operation === 'subscription') return operation;
  const kind = operation.operation === 'query' ? 'Queries' : 'Mutations';
  return badUserInput(`${kind} go over HTTP: POST them to the same path. A socket is for subscriptions.`);
}

function withCode({ message, nodes, source, positions }: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(message, { nodes, source, positions, extensions: { code } });
}
