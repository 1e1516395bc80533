import { createServer, type IncomingMessage } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Log } from '../log.js';
import { type GraphqlSocket, refuseUpgrade } from './graphql-socket.js';
import { closeServer, listen } from './listen.js';

export interface HttpServerOptions {
  host: string;
  /** 0 picks a free one. */
  port: number;
  maxRequestBytes: number;
  /** Null when this process has no API: then it answers probes only. */
  graphql: { handler: RequestHandler; sockets: GraphqlSocket } | null;
  /** The pages that people use; null without an API, which they need. */
  dashboard: RequestHandler | null;
  /** Whether this process can do its work. */
  isReady: () => Promise<boolean>;
  log: Log;
}

export interface HttpServer {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /**
   * Takes no new requests and tells those on a WebSocket to go. Resolves once the requests under way are answered, or cut
   * off after five seconds.
   */
  close(): Promise<void>;
}

/**
 * How long a client may take to send the head of a request, and all of it: 16 MiB in a minute is 2.2 Mbit/s. How long the
 * answer takes is another matter.
 */
const PATIENCE = { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 2_000 };

const GRAPHQL_PATH = '/graphql';

const UNREADABLE = 'The body of the request cannot be read as JSON in UTF-8.';
const NOTHING_HERE = `There is nothing here. The API is at ${GRAPHQL_PATH}.`;

/** @throws {ListenError} when it cannot listen there; the message says what to do. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { graphql } = options;
  const app = createApp(options);
  // Some HTTP clients offer to go on in HTTP/2; left alone, such a request is one like any other.
  const shouldUpgradeCallback = (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket';
  const server = createServer({ ...PATIENCE, shouldUpgradeCallback }, app);
  server.on('upgrade', (request, connection, head) => {
    if (graphql && request.url?.split('?')[0] === GRAPHQL_PATH) graphql.sockets.upgrade(request, connection, head);
    else refuseUpgrade(connection, 404, NOTHING_HERE);
  });
  const url = await listen(server, options);
  return {
    url,
    close: async () => {
      await Promise.all([graphql?.sockets.close(), closeServer(server)]);
    },
  };
}

function createApp({ maxRequestBytes, graphql, dashboard, isReady, log }: HttpServerOptions): express.Express {
  const app = express();
  app.disable('x-powered-by');
  // Nothing here is to be cached, and a hash of every answer costs.
  app.disable('etag');
  app.get('/livez', (_request, response) => void response.type('text').send('ok'));
  app.get('/readyz', async (_request, response) => {
    const ready = await isReady();
    response
      .status(ready ? 200 : 503)
      .type('text')
      .send(ready ? 'ok' : 'not ready');
  });
  if (graphql) app.use(GRAPHQL_PATH, graphql.handler);
  if (dashboard) app.use(dashboard);
  app.use((_request, response) => {
    sendError(response, 404, 'NOT_FOUND', NOTHING_HERE);
  });
  app.use(answerError(maxRequestBytes, log));
  return app;
}

/** Requests that no GraphQL server can read are answered in the form that GraphQL clients can. */
function answerError(maxRequestBytes: number, log: Log): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) return next(error);
    const { status = 500, type } = error as { status?: number; type?: string };
    if (type === 'entity.too.large') {
      const message = `The request is larger than ${maxRequestBytes} bytes. Publish fewer or smaller events at a time.`;
      return sendError(response, 413, 'BAD_USER_INPUT', message);
    }
    if (status < 500) return sendError(response, status, 'BAD_USER_INPUT', UNREADABLE);
    log.error({ err: error }, 'request failed');
    return sendError(response, 500, 'INTERNAL_SERVER_ERROR', 'Internal server error');
  };
}

function sendError(response: express.Response, status: number, code: string, message: string): void {
  response.status(status).json({ errors: [{ message, extensions: { code } }] });
}
