import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import type { Caller } from '../access/account.js';
import { Documents, type ValidDocument } from './documents.js';
import { badUserInput, rateLimited, refusedAs } from './errors.js';
import { DOCUMENT_LIMITS, OPERATION_LIMITS, tooMuch } from './operation-limits.js';
import type { RateLimiter } from './rate-limiter.js';
import type { RequireScopes } from './required-scopes.js';

/** An operation as a client sends it. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** An operation that may run: valid, within the limits, with variables that fit. */
export interface PreparedOperation {
  readonly schema: GraphQLSchema;
  /** The document as it was sent. */
  readonly query: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | undefined;
  /** As sent; defaults and coercion come with the execution. */
  readonly variableValues: Readonly<Record<string, unknown>>;
  readonly hideSuggestions: boolean;
  /** Gives back to the account what the answer did not cost. */
  readonly settle: (result: ExecutionResult) => void;
}

/** Where an operation comes from decides of which kind it may be. */
export type Transport = 'http' | 'socket';

export interface OperationGateOptions {
  schema: GraphQLSchema;
  introspection: boolean;
  rateLimiter: RateLimiter;
  requireScopes: RequireScopes;
}

/** What a request that is refused costs, and its document: by the character, when it is new. */
const REFUSED_COST = 10;
const COST_PER_CHARACTER = 0.05;

/** The one way in for operations, over HTTP as over a socket. */
export class OperationGate {
  readonly #documents: Documents;

  constructor(private readonly options: OperationGateOptions) {
    this.#documents = new Documents(options);
  }

  /** Why the account has to wait; null when it may ask. Comes before anything is read. */
  admit({ accountId }: Caller): GraphQLError | null {
    const seconds = this.options.rateLimiter.secondsToWait(accountId);
    if (seconds === 0) return null;
    return rateLimited(
      `Your account has asked for more than its share. Wait ${seconds} s, and ask for less at a time.`,
      seconds,
    );
  }

  /** Makes an operation ready to run, or says what is wrong with it. Either is charged to the account. */
  prepare(
    transport: Transport,
    caller: Caller,
    request: OperationRequest,
  ): PreparedOperation | readonly GraphQLError[] {
    const isTooMuch = this.admit(caller);
    if (isTooMuch) return [isTooMuch];
    const prepared = this.#prepare(transport, caller, request);
    if (Array.isArray(prepared)) this.options.rateLimiter.charge(caller.accountId, REFUSED_COST);
    return prepared;
  }

  #prepare(
    transport: Transport,
    caller: Caller,
    { query, operationName, variables }: OperationRequest,
  ): PreparedOperation | readonly GraphQLError[] {
    const { schema, introspection, rateLimiter, requireScopes } = this.options;
    const read = this.#documents.recall(query) ?? this.#readNew(caller, query);
    if (!('document' in read)) return read;
    const { document, operations } = read;
    const operation = getOperationAST(document, operationName);
    if (!operation) return [unknownOperation(operationName)];
    const misplaced = refuseMisplaced(transport, operation);
    if (misplaced) return [misplaced];

    const { cost, checkLists } = operations.get(operation)!;
    const variableValues = declaredOf(operation, variables ?? {});
    const tooLong = checkLists(variableValues);
    if (tooLong) return [tooLong];
    const hideSuggestions = !introspection;
    const fit = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues, {
      maxErrors: OPERATION_LIMITS.errors,
      hideSuggestions,
    });
    if (fit.errors) return fit.errors.map((error) => refusedAs('BAD_USER_INPUT', error));

    const forbidden = requireScopes(caller, document, operation, variableValues);
    if (forbidden) return [forbidden];
    const units = cost.of(fit.coerced);
    if (units > OPERATION_LIMITS.cost) return [tooCostly(units, cost.heaviest(fit.coerced))];
    rateLimiter.charge(caller.accountId, units);
    // Nobody knows what an answer with errors has cost until then.
    const settle = ({ data, errors }: ExecutionResult) => {
      if (data && !errors) rateLimiter.charge(caller.accountId, cost.ofAnswer(fit.coerced, data) - units);
    };
    const name = operationName ?? undefined;
    return { schema, query, document, operation, operationName: name, variableValues, hideSuggestions, settle };
  }

  #readNew({ accountId }: Caller, query: string): ValidDocument | readonly GraphQLError[] {
    const characters = Math.min(query.length, DOCUMENT_LIMITS.characters);
    this.options.rateLimiter.charge(accountId, characters * COST_PER_CHARACTER);
    return this.#documents.read(query);
  }
}

function unknownOperation(name: string | null | undefined): GraphQLError {
  return badUserInput(
    name
      ? `Unknown operation named "${name}".`
      : 'The document has none or several operations: name the one to run in operationName.',
  );
}

function refuseMisplaced(transport: Transport, { operation }: OperationDefinitionNode): GraphQLError | null {
  const isSubscription = operation === 'subscription';
  if (transport === 'http') {
    if (!isSubscription) return null;
    return badUserInput('Subscriptions go over WebSocket: connect to the same path with graphql-transport-ws.');
  }
  if (isSubscription) return null;
  const kind = operation === 'query' ? 'Queries' : 'Mutations';
  return badUserInput(`${kind} go over HTTP: POST them to the same path. A socket is for subscriptions.`);
}

/** What else was sent is nobody's business. */
function declaredOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const names = variableDefinitions.map(({ variable }) => variable.name.value);
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(variables, name)).map((name) => [name, variables[name]]),
  );
}

function tooCostly(units: number, path: string): GraphQLError {
  const advice = `It costs about ${Math.ceil(units).toLocaleString('en-US')}, most of it for \`${path}\`: take fewer at a time with \`first\` or \`last\`, or ask for less of each.`;
  return tooMuch(OPERATION_LIMITS.cost, 'units of cost in one operation', advice);
}
