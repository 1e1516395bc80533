import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import got, { type Request, type RequestError } from 'got';
import { type Clock, systemClock } from '../storage/clock.js';
import { CappedText } from './capped-text.js';
import type { GuardedAgents } from './guarded-agent.js';
import { describeFailure, describeTimeout, type NetworkFailure, type Stage } from './network-failure.js';
import { type HeaderField, type Outcome, retryAfterMs } from './outcome.js';

/** One request. */
export interface PostRequest {
  /** In its normal form, as the URL policy returns it. */
  readonly url: string;
  /** No name twice. */
  readonly headers: readonly HeaderField[];
  readonly body: string;
}

/** Sends requests, one attempt each: nothing is sent again, and no redirect followed. */
export interface Poster {
  /**
   * What came of the request, whatever the receiver or the network does.
   * @throws Error when the request itself is malformed, such as by a line break in a header.
   */
  post(request: PostRequest): Promise<Outcome>;
  /** Closes all connections. What is in flight ends as a broken connection. */
  close(): void;
}

/** How requests are sent. */
export interface PosterOptions {
  readonly agents: GuardedAgents;
  /** Milliseconds for one attempt, from the look-up to the last byte read. */
  readonly attemptTimeoutMs: number;
  /** What a `Retry-After` that is a date is measured by. */
  readonly clock?: Clock;
}

const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEAD_BYTES = 16 * 1024;

/** Makes a poster. It owns the agents: `close` closes their connections. */
export function createPoster({ agents, attemptTimeoutMs, clock = systemClock }: PosterOptions): Poster {
  const client = got.extend({
    decompress: false,
    followRedirect: false,
    retry: { limit: 0, methods: [], statusCodes: [], errorCodes: [] },
    throwHttpErrors: false,
  });

  return {
    async post({ url, headers, body }) {
      // With its own `request`, got leaves headers and TLS settings to us, which it would copy and check several times: a
      // sixth of the CPU that a request takes.
      const stream = client.stream.post(url, {
        request: (target) => send(target, { agents, headers: fieldsOf(headers, body) }),
      });
      // Not the `body` option: with it, got drops an answer that begins before all of a longer body is sent.
      stream.end(body);
      return outcomeOf(stream, attemptTimeoutMs, clock);
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function send(url: URL, { agents, headers }: { agents: GuardedAgents; headers: Record<string, string> }) {
  const { protocol, hostname, port, path } = urlToHttpOptions(url);
  const options: RequestOptions = {
    method: 'POST',
    hostname,
    port,
    path,
    headers,
    maxHeaderSize: MAX_HEAD_BYTES,
    // Said outright: NODE_OPTIONS decides where nothing is said.
    insecureHTTPParser: false,
  };
  return protocol === 'https:'
    ? https.request({ ...options, agent: agents.https })
    : http.request({ ...options, agent: agents.http });
}

function fieldsOf(headers: readonly HeaderField[], body: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { name, value } of headers) fields[name] = value;
  fields['content-length'] = Buffer.byteLength(body).toString();
  return fields;
}

function outcomeOf(stream: Request, attemptTimeoutMs: number, clock: Clock): Promise<Outcome> {
  const startedAt = performance.now();
  const elapsedMs = () => Math.round(performance.now() - startedAt);
  const body = new CappedText(MAX_BODY_BYTES);
  let head: IncomingMessage | undefined;

  return new Promise((resolve, reject) => {
    const settle = (outcome: Outcome) => {
      clearTimeout(deadline);
      resolve(outcome);
    };
    const respond = (response: IncomingMessage) =>
      settle(toOutcome(response, { body, responseTimeMs: elapsedMs(), clock }));
    const fail = (failure: NetworkFailure) => settle({ kind: 'no-response', ...failure, responseTimeMs: elapsedMs() });

    const deadline = setTimeout(() => {
      fail(describeTimeout(attemptTimeoutMs, stageOf(stream, head)));
      stream.destroy();
    }, attemptTimeoutMs);

    // The listeners stay when all is settled: an error that comes late must find one, and then changes nothing.
    stream.on('request', (request) => request.on('error', ignore));
    stream.on('response', (response) => {
      response.on('error', ignore);
      head = response;
    });
    stream.on('data', (piece: Buffer) => {
      body.append(piece);
      if (!body.truncated) return;
      respond(head!);
      stream.destroy();
    });
    stream.on('end', () => {
      respond(head!);
      // A receiver that answers before it has read everything may never read the rest.
      if (!stream.writableFinished) stream.destroy();
    });
    stream.on('upgrade', (response: IncomingMessage, socket: Socket) => {
      socket.on('error', ignore).destroy();
      respond(response);
    });
    stream.on('error', (error: RequestError) => {
      const cause = rootCause(error);
      if (isOurMistake(cause)) {
        clearTimeout(deadline);
        reject(cause);
      } else {
        fail(describeFailure(cause, stageOf(stream, head)));
      }
    });
    stream.on('close', () => fail(describeFailure({ code: 'ECONNRESET' }, stageOf(stream, head))));
  });
}

/** The error of Node's network layers inside the one that got makes of it. */
function rootCause(error: Error): NodeJS.ErrnoException {
  return typeof error.cause === 'object' && error.cause !== null ? rootCause(error.cause as Error) : error;
}

function isOurMistake({ name, code }: NodeJS.ErrnoException): boolean {
  return name === 'TypeError' || code?.startsWith('ERR_INVALID_') === true;
}

function stageOf({ socket }: Request, head: IncomingMessage | undefined): Stage {
  if (head) return 'reading';
  if (!socket || socket.connecting) return 'connecting';
  return (socket as Socket & { secureConnecting?: boolean }).secureConnecting ? 'tls-handshake' : 'waiting';
}

function toOutcome(
  { statusCode = 0, rawHeaders }: IncomingMessage,
  { body, responseTimeMs, clock }: { body: CappedText; responseTimeMs: number; clock: Clock },
): Outcome {
  const headers = toFields(rawHeaders);
  return {
    kind: 'response',
    statusCode,
    headers,
    body: body.toString(),
    bodyTruncated: body.truncated,
    responseTimeMs,
    retryAfterMs: retryAfterMs(statusCode, headers, new Date(clock.now())),
  };
}

/** @param raw names and values by turns, as Node gives them. */
function toFields(raw: readonly string[]): HeaderField[] {
  const fields: HeaderField[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    fields.push({ name: raw[index]!.toLowerCase(), value: raw[index + 1]! });
  }
  return fields;
}

function ignore(): void {}
