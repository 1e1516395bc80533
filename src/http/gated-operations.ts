import { type ApolloServerPlugin, type GraphQLRequestContext, type GraphQLResponse, HeaderMap } from '@apollo/server';
import { type DocumentNode, type GraphQLError, Kind } from 'graphql';
import type { ApiContext } from '../api/context.js';
import { type FormatError, formatErrors } from '../api/errors.js';
import { executeOperation } from '../api/execute-operation.js';
import type { OperationGate, PreparedOperation } from '../api/prepare-operation.js';

interface Extensions {
  readonly code?: string;
  readonly http?: { readonly status?: number; readonly headers?: ReadonlyMap<string, string> };
}

/** Stands for a document that was refused. */
const NOTHING: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };

/**
 * Leaves to Apollo what is of HTTP: methods, media types, cross-site requests. Operations go through the gate, and are
 * executed, as they are for sockets.
 */
export function gateOperations(gate: OperationGate, formatError: FormatError): ApolloServerPlugin<ApiContext> {
  return {
    requestDidStart: async () => {
      let prepared: PreparedOperation | readonly GraphQLError[];
      return {
        didResolveSource: async (context) => {
          const { source: query, request, contextValue } = context;
          const { operationName, variables } = request;
          prepared = gate.prepare('http', contextValue.caller, { query, operationName, variables });
          // Given a document, Apollo neither parses nor validates.
          (context as { document?: DocumentNode }).document = 'document' in prepared ? prepared.document : NOTHING;
        },
        responseForOperation: async ({ contextValue }: GraphQLRequestContext<ApiContext>): Promise<GraphQLResponse> => {
          if (!('document' in prepared)) return refuse(prepared, formatError);
          const executed = await executeOperation(prepared, contextValue);
          prepared.settle(executed);
          const { errors, ...result } = executed;
          const described = errors && { errors: formatErrors(errors, formatError) };
          const singleResult = { ...described, ...result };
          return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult } };
        },
      };
    },
  };
}

/** What does not run is a bad request, unless it is about rights or its error has a status of its own. */
function refuse(errors: readonly GraphQLError[], formatError: FormatError): GraphQLResponse {
  const [{ code, http = {} } = {}] = errors.map(({ extensions }) => extensions as Extensions);
  const isForbidden = code === 'FORBIDDEN';
  const { status = isForbidden ? 200 : 400, headers = [] } = http;
  const described = { errors: formatErrors(errors, formatError), ...(isForbidden && { data: null }) };
  return { http: { status, headers: new HeaderMap(headers) }, body: { kind: 'single', singleResult: described } };
}
