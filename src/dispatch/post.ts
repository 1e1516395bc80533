import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import got from 'got';
import { type Clock, systemClock } from '../storage/clock.js';
import { KIB } from '../units.js';
import { awaitOutcome } from './await-outcome.js';
import type { GuardedAgents } from './guarded-agent.js';
import { limitAnswer } from './limit-answer.js';
import type { HeaderField, Outcome } from './outcome.js';

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

const MAX_HEAD_BYTES = 16 * KIB;

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
      return awaitOutcome(stream, { attemptTimeoutMs, clock });
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function send(
  url: URL,
  { agents, headers }: { agents: GuardedAgents; headers: Record<string, string> },
): ClientRequest {
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
  const request =
    protocol === 'https:'
      ? https.request({ ...options, agent: agents.https })
      : http.request({ ...options, agent: agents.http });
  limitAnswer(request);
  return request;
}

function fieldsOf(headers: readonly HeaderField[], body: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { name, value } of headers) fields[name] = value;
  fields['content-length'] = Buffer.byteLength(body).toString();
  return fields;
}
