import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type CertificateFlaw, certificateAuthority, createCertificate } from './certificates.js';

/** A request as it came in. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body, byte for byte, as text. */
  readonly rawBody: string;
  readonly receivedAt: Date;
}

/** What to answer; 200 and nothing else if left out. */
export interface Answer {
  readonly status?: number;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** Milliseconds to wait before answering. */
  readonly delayMs?: number;
}

/**
 * Decides request by request: `count` is 1 for the first request. It may write to `response` itself and return
 * nothing; doing neither leaves the caller waiting.
 */
export type AnswerFunction = (
  request: ReceivedRequest,
  response: ServerResponse,
  count: number,
) => Answer | undefined | Promise<Answer | undefined>;

/** An HTTP server that notes what it receives and answers as it is told. */
export interface Receiver {
  /** `https://127.0.0.1:<port>/webhooks`, or the same with `http:`. */
  readonly url: string;
  /** The certificate authority (PEM) that a client must trust. */
  readonly ca: string;
  /** Everything received so far, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** TCP connections accepted so far, those without a request included. */
  readonly connections: number;
  /**
   * The first `count` requests, or the first `count` after so many others, as soon as they are there. Rejects after
   * `timeoutMs` saying how many came.
   */
  receive(count: number, options?: { after?: number; timeoutMs?: number }): Promise<ReceivedRequest[]>;
  /** What to answer from now on, at once. */
  answer(answer: Answer | AnswerFunction): void;
  /** Leaves what comes without an answer, or those requests that `isHeld`, until what this answers is called. */
  holdAnswers(isHeld?: (request: ReceivedRequest) => boolean): () => void;
  /** Stops listening and cuts all connections. */
  close(): Promise<void>;
}

/** How to listen. */
export interface ReceiverOptions {
  /** Speak HTTPS; true if left out. */
  readonly tls?: boolean;
  /** What is wrong with the certificate; nothing if left out. */
  readonly flaw?: CertificateFlaw;
}

/** Starts a receiver on a free port of 127.0.0.1. It answers 200 until told otherwise. */
export async function startReceiver({ tls = true, flaw }: ReceiverOptions = {}): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  const closing = new AbortController();
  let connections = 0;
  let answer: Answer | AnswerFunction = {};
  let untilReleased = atOnce;

  const server = tls ? https.createServer(await createCertificate(flaw)) : http.createServer();
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  server.on('request', async (incoming: IncomingMessage, response: ServerResponse) => {
    try {
      const request = await read(incoming);
      const count = requests.push(request);
      for (const wake of waiting) wake();
      const chosen = answer;
      await untilReleased(request);
      await respond(response, typeof chosen === 'function' ? await chosen(request, response, count) : chosen);
    } catch (error) {
      // A caller that leaves early, and `close`, are part of many a test; an answer that throws is a broken test.
      if (incoming.complete && !closing.signal.aborted) throw error;
    }
  });

  const respond = async (response: ServerResponse, chosen: Answer | undefined) => {
    if (!chosen) return;
    const { status = 200, headers = {}, body, delayMs } = chosen;
    if (delayMs) await delay(delayMs, undefined, { signal: closing.signal });
    response.writeHead(status, headers).end(body);
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/webhooks`,
    ca: (await certificateAuthority()).cert,
    requests,
    get connections() {
      return connections;
    },
    receive(count, { after = 0, timeoutMs = 10_000 } = {}) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(check);
          const came = Math.max(0, requests.length - after);
          reject(new Error(`${came} of ${count} requests came within ${timeoutMs} ms`));
        }, timeoutMs);
        const check = () => {
          if (requests.length < after + count) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(requests.slice(after, after + count));
        };
        waiting.add(check);
        check();
      });
    },
    answer(next) {
      answer = next;
      untilReleased = atOnce;
    },
    holdAnswers(isHeld = () => true) {
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      untilReleased = async (request) => {
        if (isHeld(request)) await released;
      };
      return release;
    },
    async close() {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function atOnce(_request: ReceivedRequest): Promise<void> {}

async function read(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece);
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    rawBody: Buffer.concat(pieces).toString('utf8'),
    receivedAt: new Date(),
  };
}
