import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { CloseCode, type ConnectionInitMessage, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Caller } from '../access/account.js';
import type { Authenticate } from '../access/authenticate.js';
import { createContext, type Services } from '../api/context.js';
import { createFormatError, formatErrors, rateLimited } from '../api/errors.js';
import { createValidationRules, type PreparedSubscription, prepareSubscription } from '../api/prepare-operation.js';
import { runSubscription } from '../api/run-subscription.js';
import type { Log } from '../log.js';
import { isTransient } from '../storage/database.js';
import type { IsAllowedOrigin } from './origins.js';

export interface GraphqlSocketOptions {
  schema: GraphQLSchema;
  services: Services;
  authenticate: Authenticate;
  introspection: boolean;
  isAllowedOrigin: IsAllowedOrigin;
  log: Log;
  /** How often every client is asked for a sign of life; one that has not answered by the next time is cut off. */
  keepAliveMs?: number;
}

/** Subscriptions over WebSocket. */
export interface GraphqlSocket {
  /** Makes a WebSocket of a connection, or refuses it. */
  upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
  /** Takes no new clients, tells those there are, and resolves once they are gone: two seconds later at most. */
  close(): Promise<void>;
}

const INIT_TIMEOUT_MS = 3_000;
const KEEP_ALIVE_MS = 12_000;
const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_SUBSCRIPTIONS = 100;
/** More than this on its way to a client, and what the client sends waits. */
const MAX_BACKLOG_BYTES = 4 * 1_048_576;
const GOODBYE_MS = 2_000;

/** @see https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

/** What is known of a socket. */
interface Extra {
  readonly socket: WebSocket;
  /** Null until it is acknowledged. */
  caller: Caller | null;
}

/**
 * Serves `graphql-transport-ws`. Whatever a client does ends no more than its own socket. The close codes are those of
 * the protocol, and 1013 while callers cannot be told apart because the database is away: clients then try again.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function createGraphqlSocket(options: GraphqlSocketOptions): GraphqlSocket {
  const { isAllowedOrigin, log, keepAliveMs = KEEP_ALIVE_MS } = options;
  const protocol = createProtocol(options);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    // Any other protocol is agreed to as well, so that its clients can be told why they are turned away.
    handleProtocols: (offered) =>
      offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : [...offered][0]!,
  });
  const alive = new WeakSet<WebSocket>();
  const keepingAlive = setInterval(() => {
    for (const socket of sockets.clients) {
      if (alive.delete(socket)) socket.ping();
      else socket.terminate();
    }
  }, keepAliveMs);

  sockets.on('connection', (socket) => {
    alive.add(socket);
    socket.on('pong', () => alive.add(socket));
    // A message too large, a broken frame, a cut connection: the library closes the socket by itself.
    socket.on('error', (error) => log.debug({ err: error }, 'socket failed'));
    const closed = protocol.opened(adapt(socket, log), { socket, caller: null });
    socket.once('close', (code, reason) => {
      closed(code, String(reason)).catch((error) => log.error({ err: error }, 'subscriptions of a socket not ended'));
    });
  });

  return {
    upgrade(request, connection, head) {
      if (!isAllowedOrigin(request)) {
        const message = `The origin ${request.headers.origin} may not call this API. ALLOWED_ORIGINS names those that may.`;
        return refuseUpgrade(connection, 403, message);
      }
      sockets.handleUpgrade(request, connection, head, (socket) => sockets.emit('connection', socket, request));
    },
    async close() {
      clearInterval(keepingAlive);
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'The service stops here; connect again.');
      const patience = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, GOODBYE_MS);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      clearTimeout(patience);
    },
  };
}

/** Answers a request for a WebSocket with an HTTP status, and hangs up. */
export function refuseUpgrade(connection: Duplex, status: number, message: string): void {
  connection.on('error', () => connection.destroy());
  connection.once('finish', () => connection.destroy());
  const headers = ['connection: close', 'content-type: text/plain', `content-length: ${Buffer.byteLength(message)}`];
  connection.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers, '', message].join('\r\n'));
}

/** The protocol, without the socket. */
function createProtocol({ schema, services, authenticate, introspection, log }: GraphqlSocketOptions) {
  const formatError = createFormatError(log);
  const rules = createValidationRules({ introspection });
  return makeServer<ConnectionInitMessage['payload'], Extra>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: async ({ connectionParams, extra }) => {
      extra.caller = await identify(extra.socket, authorizationOf(connectionParams));
      return extra.caller !== null;
    },
    onSubscribe: ({ subscriptions, extra }, _id, operation) => {
      // The new one is counted already.
      if (Object.keys(subscriptions).length > MAX_SUBSCRIPTIONS) return [tooManySubscriptions()];
      try {
        const prepared = prepareSubscription(schema, rules, operation);
        return 'document' in prepared ? { ...prepared, contextValue: extra.caller } : [...prepared];
      } catch (error) {
        return [new GraphQLError('Not prepared', { originalError: error as Error })];
      }
    },
    subscribe: ({ contextValue, ...subscription }) => {
      const caller = contextValue as Caller;
      return runSubscription(subscription as PreparedSubscription, () => createContext(caller, services), log);
    },
    onNext: (_context, _id, _operation, _args, { errors, ...result }) =>
      errors && { ...result, errors: formatErrors(errors, formatError) },
    onError: (_context, _id, _operation, errors) => formatErrors(errors, formatError),
  });

  async function identify(socket: WebSocket, authorization: string | undefined): Promise<Caller | null> {
    try {
      const caller = await authenticate(authorization);
      if (!caller)
        socket.close(CloseCode.Forbidden, 'Forbidden: send {"authorization": "Bearer <API key>"} to connect.');
      return caller;
    } catch (error) {
      log.error({ err: error }, 'caller not authenticated');
      if (isTransient(error)) socket.close(TRY_AGAIN_LATER, 'The service cannot reach its database at the moment.');
      else socket.close(CloseCode.InternalServerError, 'Internal server error');
      return null;
    }
  }
}

/** The `authorization` of a `connection_init`; clients write its name in any letter case, as they would a header's. */
function authorizationOf(payload: Record<string, unknown> = {}): string | undefined {
  const value = Object.entries(payload).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  return typeof value === 'string' ? value : undefined;
}

function tooManySubscriptions(): GraphQLError {
  return rateLimited(
    `There are ${MAX_SUBSCRIPTIONS} subscriptions on this socket already. Complete one first, or open another socket.`,
  );
}

/**
 * A socket as the protocol sees it. A message counts as sent once the system has taken it over, and the protocol makes
 * no result before the one before it is sent: so a client that reads slowly holds up its own subscriptions only. Nor can
 * it ask for ever more answers that it does not read: nothing more is read of it then, signs of life included.
 */
function adapt(socket: WebSocket, log: Log): Parameters<ReturnType<typeof createProtocol>['opened']>[0] {
  return {
    protocol: socket.protocol,
    send: (data) =>
      new Promise((resolve, reject) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        socket.send(data, (error) => {
          if (socket.isPaused && socket.bufferedAmount <= MAX_BACKLOG_BYTES) socket.resume();
          if (error) reject(error);
          else resolve();
        });
        if (socket.bufferedAmount > MAX_BACKLOG_BYTES) socket.pause();
      }),
    close: (code, reason) => socket.close(code, reason),
    onMessage: (handle) =>
      socket.on('message', (data) => {
        handle(String(data)).catch((error: Error) => {
          if (socket.readyState !== socket.OPEN) return;
          // The one thing that the protocol is left to say: a type of message that only servers send.
          if (/^Unexpected message/.test(error.message)) return socket.close(CloseCode.BadRequest, error.message);
          log.error({ err: error }, 'message on a socket failed');
          socket.close(CloseCode.InternalServerError, 'Internal server error');
        });
      }),
  };
}
