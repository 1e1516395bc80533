import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { TokenBucket } from '../api/token-bucket.js';
import type { Log } from '../log.js';
import { MIB } from '../units.js';
import { Conversation, type SubscriptionHost, type Wire } from './conversation.js';
import { type IsAllowedOrigin, refusalOf } from './origins.js';
import { createSubscriptionHost, FAULT, type SubscriptionHostOptions } from './subscription-host.js';

export interface GraphqlSocketOptions extends SubscriptionHostOptions {
  isAllowedOrigin: IsAllowedOrigin;
  /** How often every client is asked for a sign of life; one that has not answered by the next time is cut off. */
  keepAliveMs?: number;
}

/** Subscriptions over WebSocket. */
export interface GraphqlSocket {
  /** Makes a WebSocket of a connection, or refuses it. */
  upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
  /** How many clients are connected. */
  readonly socketCount: number;
  /** Takes no new clients, tells those there are, and resolves once they are gone: two seconds later at most. */
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 12_000;
const MAX_MESSAGE_BYTES = MIB;
/** More than this on its way to a client, and what the client sends waits. */
const MAX_BACKLOG_BYTES = 4 * MIB;
const GOODBYE_MS = 2_000;

/** @see https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number */
const GOING_AWAY = 1001;

const POLICY_VIOLATION = 1008;

/** A client with a hundred subscriptions that connects again sends a hundred and one. */
const MAX_MESSAGES = { perSecond: 200, capacity: 1_000 };
const TOO_MANY_MESSAGES = `More than ${MAX_MESSAGES.perSecond} messages a second`;

/**
 * Serves `graphql-transport-ws`. Whatever a client does ends no more than its own socket. The close codes are those of
 * the protocol, and 1013 while callers cannot be told apart because the database is away: clients then try again.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function createGraphqlSocket(options: GraphqlSocketOptions): GraphqlSocket {
  const { isAllowedOrigin, log, keepAliveMs = KEEP_ALIVE_MS } = options;
  const host = createSubscriptionHost(options);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    // Any other protocol is agreed to as well, so that its clients can be told why they are turned away.
    handleProtocols: (offered) =>
      offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : [...offered][0]!,
  });
  const keepingAlive = cutOffSilent(sockets, keepAliveMs);
  sockets.on('connection', (socket) => {
    // A message too large, a broken frame, a cut connection: the library closes the socket by itself.
    socket.on('error', (error) => log.debug({ err: error }, 'socket failed'));
    if (socket.protocol === GRAPHQL_TRANSPORT_WS_PROTOCOL) converse(socket, host, log);
    else socket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
  });

  return {
    get socketCount() {
      return sockets.clients.size;
    },
    upgrade(request, connection, head) {
      if (!isAllowedOrigin(request)) return refuseUpgrade(connection, 403, refusalOf(request.headers.origin));
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

/** Asks every client for a sign of life now and again, and cuts off those that have not answered by the next time. */
function cutOffSilent(sockets: WebSocketServer, everyMs: number): NodeJS.Timeout {
  const alive = new WeakSet<WebSocket>();
  sockets.on('connection', (socket) => {
    alive.add(socket);
    socket.on('pong', () => alive.add(socket));
  });
  return setInterval(() => {
    for (const socket of sockets.clients) {
      if (alive.delete(socket)) socket.ping();
      else socket.terminate();
    }
  }, everyMs);
}

function converse(socket: WebSocket, host: SubscriptionHost, log: Log): void {
  const conversation = new Conversation(wireOf(socket), host);
  const messages = new TokenBucket(MAX_MESSAGES);
  socket.on('message', (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) return socket.close(CloseCode.BadRequest, 'Invalid message received');
    messages.take(1);
    if (messages.left < 0) return socket.close(POLICY_VIOLATION, TOO_MANY_MESSAGES);
    conversation.hear(String(data)).catch((error) => {
      log.error({ err: error }, 'message on a socket failed');
      socket.close(FAULT.code, FAULT.reason);
    });
  });
  socket.once('close', () => conversation.end());
}

/** Answers a request for a WebSocket with an HTTP status, and hangs up. */
export function refuseUpgrade(connection: Duplex, status: number, message: string): void {
  connection.on('error', () => connection.destroy());
  connection.once('finish', () => connection.destroy());
  const headers = ['connection: close', 'content-type: text/plain', `content-length: ${Buffer.byteLength(message)}`];
  connection.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers, '', message].join('\r\n'));
}

/**
 * A message counts as sent once the system has taken it over, and no result is made before the one before it is sent: so
 * a client that reads slowly holds up its own subscriptions only. Nor can it ask for ever more answers without reading
 * them: nothing more is read of it then, signs of life included.
 */
function wireOf(socket: WebSocket): Wire {
  return {
    send: (text) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        socket.send(text, () => {
          if (socket.isPaused && socket.bufferedAmount <= MAX_BACKLOG_BYTES) socket.resume();
          resolve();
        });
        if (socket.bufferedAmount > MAX_BACKLOG_BYTES) socket.pause();
      }),
    close: (code, reason) => socket.close(code, reason),
  };
}
