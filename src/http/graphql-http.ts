import { isUtf8 } from 'node:buffer';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Caller } from '../access/account.js';
import type { Authenticate } from '../access/authenticate.js';
import { type ApiContext, createContext, type Services } from '../api/context.js';
import { createFormatError, type FormatError, formatErrors, unauthenticated, whyUnidentified } from '../api/errors.js';
import type { OperationGate } from '../api/prepare-operation.js';
import type { Log } from '../log.js';
import { gateOperations } from './gated-operations.js';
import { allowOrigins, type IsAllowedOrigin } from './origins.js';
import { answerSandboxPage } from './sandbox-page.js';

export interface GraphqlOptions {
  schema: GraphQLSchema;
  gate: OperationGate;
  services: Services;
  authenticate: Authenticate;
  isAllowedOrigin: IsAllowedOrigin;
  maxRequestBytes: number;
  log: Log;
}

/** Queries and mutations over HTTP. Whoever asks says who they are first; the answer is 401 otherwise. */
export async function createGraphqlHttp({
  schema,
  gate,
  services,
  authenticate,
  isAllowedOrigin,
  maxRequestBytes,
  log,
}: GraphqlOptions): Promise<{ handler: RequestHandler; stop(): Promise<void> }> {
  const formatError = createFormatError({ log, metrics: services.metrics });
  const apollo = createApollo({ schema, gate, log, formatError });
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
    const refusal = gate.admit(caller);
    if (refusal) throw refusal;
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
      (error: unknown) => answer(response, error, formatError, next),
    );
  });
  handler.use((_request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    next();
  });
  handler.use(express.json({ limit: maxRequestBytes, verify: refuseOtherThanUtf8 }));
  handler.use(
    expressMiddleware(apollo, {
      context: async ({ req }) =>
        createContext(callers.get(req) ?? (await identify(req)), services, req.get('traceparent')),
    }),
  );
  return { handler, stop: () => apollo.stop() };
}

/** What of HTTP is GraphQL's, and nothing else: the gate decides, and nobody outside is told anything. */
function createApollo({
  schema,
  gate,
  log,
  formatError,
}: Pick<GraphqlOptions, 'schema' | 'gate' | 'log'> & { formatError: FormatError }): ApolloServer<ApiContext> {
  return new ApolloServer<ApiContext>({
    schema,
    // The gate decides, here as for sockets.
    introspection: true,
    includeStacktraceInErrorResponses: false,
    formatError,
    // Documents are read by the gate, and come with each request: who knows a hash learns nothing of others.
    documentStore: null,
    persistedQueries: false,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // It would look at every field, to say in the end what is true of all answers.
      ApolloServerPluginCacheControlDisabled(),
      // APOLLO_KEY in the environment would have it tell a stranger what is asked here.
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      gateOperations(gate, formatError),
    ],
    logger: log as never,
    // The service says itself when it stops.
    stopOnTerminationSignals: false,
  });
}

/** Left alone, bytes that are no text would be published as U+FFFD, which the sender never meant. */
function refuseOtherThanUtf8(_request: unknown, _response: unknown, body: Buffer, encoding: string): void {
  if (encoding !== 'utf-8') throw Object.assign(new Error('unsupported charset'), { status: 415 });
  if (!isUtf8(body)) throw Object.assign(new Error('invalid UTF-8'), { status: 400 });
}

/** Answers with a GraphQL error outside of any operation. */
function answer(response: Response, error: unknown, formatError: FormatError, next: (error: unknown) => void): void {
  if (!(error instanceof GraphQLError)) {
    next(error);
    return;
  }
  const { status = 500, headers = [] } = error.extensions.http as { status?: number; headers?: Map<string, string> };
  for (const [name, value] of headers) response.setHeader(name, value);
  response.status(status).json({ errors: formatErrors([error], formatError) });
}
