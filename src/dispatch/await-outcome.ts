import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Request, RequestError } from 'got';
import type { Clock } from '../storage/clock.js';
import { KIB } from '../units.js';
import { CappedText } from './capped-text.js';
import { AnswerTooLongError } from './limit-answer.js';
import { describeFailure, describeTimeout, type NetworkFailure, type Stage } from './network-failure.js';
import type { HeaderField, Outcome } from './outcome.js';
import { retryAfterMs } from './retry-after.js';

const MAX_BODY_BYTES = 64 * KIB;

/**
 * What comes of a request that is on its way. Rejects only for mistakes of our own. An answer counts once all of it came,
 * whatever the receiver does to the connection after; a body that goes on beyond what is kept is not waited for.
 */
export function awaitOutcome(
  stream: Request,
  { attemptTimeoutMs, clock }: { attemptTimeoutMs: number; clock: Clock },
): Promise<Outcome> {
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
    stream.on('request', (request: ClientRequest) => {
      request.once('response', (response) => {
        response.on('error', ignore);
        head = response;
      });
      // Here and not at got, which by then has thrown away what it had not read yet.
      request.on('error', (error) => {
        const isCut = error instanceof AnswerTooLongError;
        if (!head || !(head.complete || isCut)) return;
        for (const source of [stream, head]) drain(source, body);
        if (isCut) body.truncate();
        respond(head);
        stream.destroy();
      });
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

/** Adds what is buffered and not read yet. */
function drain(source: Readable, body: CappedText): void {
  for (let piece = source.read(); piece !== null; piece = source.read()) body.append(piece);
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
