import { ApolloServer, type GraphQLRequestContext, type GraphQLResponse, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import type { Caller } from '../access/account.js';
import type { Authenticate } from '../access/authenticate.js';
import { type ApiContext, createContext, type Services } from '../api/context.js';
import { badUserInput, createFormatError, formatErrors, unauthenticated, whyUnidentified } from '../api/errors.js';
import { createValidationRules } from '../api/prepare-operation.js';
import type { RequireScopes } from '../api/required-scopes.js';
import type { Log } from '../log.js';
import { allowOrigins, type IsAllowedOrigin } from './origins.js';
import { answerSandboxPage } from './sandbox-page.js';

export interface GraphqlOptions {
  schema: GraphQLSchema;
  services: Services;
  authenticate: Authenticate;
  requireScopes: RequireScopes;
  introspection: boolean;
  isAllowedOrigin: IsAllowedOrigin;
  maxRequestBytes: number;
  log: Log;
}

/** Queries and mutations over HTTP. Whoever asks says who they are first; the answer is 401 otherwise. */
export async function createGraphqlHttp({
  schema,
  services,
  authenticate,
  requireScopes,
  introspection,
  isAllowedOrigin,
  maxRequestBytes,
  log,
}: GraphqlOptions): Promise<{ handler: RequestHandler; stop(): Promise<void> }> {
  const formatError = createFormatError({ log, introspection });
  const apollo = new ApolloServer<ApiContext>({
    schema,
    // The rules decide, here as for sockets.
    introspection: true,
    validationRules: createValidationRules({ introspection }),
    includeStacktraceInErrorResponses: false,
    formatError,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // It would look at every field, to say in the end what is true of all answers.
      ApolloServerPluginCacheControlDisabled(),
      {
        requestDidStart: async () => ({
          didResolveOperation,
          // Here, unlike there, the answer is that of an operation which has run.
          responseForOperation: async ({ contextValue, document, operation, request }) => {
            const refusal = requireScopes(contextValue.caller, document, operation, request.variables ?? {});
            return refusal && refuseOperation(formatErrors([refusal], formatError));
          },
        }),
      },
    ],
    logger: log as never,
    // The service says itself when it stops.
    stopOnTerminationSignals: false,
  });
  await apollo.start();
  const callers = new WeakMap<Request, Caller>();
  const identify = async (request: Request) => {
    const caller = await authenticate(request.headers.authorization).catch((error) => {
      const reason = whyUnidentified(error);
      if (!reason) throw error;
      log.error({ err: error }, 'caller not authenticated');
      throw reason;
    });
    if (!caller) throw unauthenticated();
    callers.set(request, caller);
    return caller;
  };
  const handler = express.Router();
  handler.use(allowOrigins(isAllowedOrigin));
  handler.get('/', answerSandboxPage);
  // Before the body is read, let alone inflated: strangers are not worth it. A GET may be for the page.
  handler.post('/', (request, response, next) => {
    identify(request).then(
      () => next(),
      (error: unknown) => answer(response, error, next),
    );
  });
  handler.use((_request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    next();
  });
  handler.use(express.json({ limit: maxRequestBytes }));
  handler.use(
    expressMiddleware(apollo, {
      context: async ({ req }) => createContext(callers.get(req) ?? (await identify(req)), services),
    }),
  );
  return { handler, stop: () => apollo.stop() };
}

/** Answers with a GraphQL error outside of any operation. */
function answer(response: Response, error: unknown, next: (error: unknown) => void): void {
  if (!(error instanceof GraphQLError)) {
    next(error);
    return;
  }
  const { code, http } = error.extensions as { code: string; http: { status: number; headers?: Map<string, string> } };
  for (const [name, value] of http.headers ?? []) response.setHeader(name, value);
  response.status(http.status).json({ errors: [{ message: error.message, extensions: { code } }] });
}

function refuseOperation(errors: GraphQLFormattedError[]): GraphQLResponse {
  const http = { status: 200, headers: new HeaderMap() };
  return { http, body: { kind: 'single', singleResult: { data: null, errors } } };
}

async function didResolveOperation({ operation }: GraphQLRequestContext<ApiContext>): Promise<void> {
  if (operation?.operation !== 'subscription') return;
  throw badUserInput('Subscriptions go over WebSocket: connect to the same path with graphql-transport-ws.');
}
