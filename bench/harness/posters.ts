import http from 'node:http';
import got from 'got';
import { Agent, request } from 'undici';
import { createGuardedAgents } from '../../src/dispatch/guarded-agent.js';
import type { Outcome } from '../../src/dispatch/outcome.js';
import { createPoster, type Poster } from '../../src/dispatch/post.js';
import { parseAddressRanges } from '../../src/endpoints/address-range.js';

const TIMEOUT_MS = 15_000;

/** Ways to send the same request, behind the seam by which the dispatcher sends. */
export const POSTERS = {
  shipped: createShippedPoster,
  'got, promises': createGotPromisePoster,
  'node:http': createHttpPoster,
  undici: createUndiciPoster,
} as const;

export type PosterName = keyof typeof POSTERS;

/** The one that the service uses, with the agents that it uses. */
function createShippedPoster(): Poster {
  const agents = createGuardedAgents({ allowHttp: true, allowedCidrs: parseAddressRanges('127.0.0.0/8') });
  return createPoster({ agents, attemptTimeoutMs: TIMEOUT_MS });
}

function createGotPromisePoster(): Poster {
  const agents = { http: new http.Agent({ keepAlive: true }) };
  const client = got.extend({
    agent: agents,
    decompress: false,
    followRedirect: false,
    retry: { limit: 0 },
    throwHttpErrors: false,
    timeout: { request: TIMEOUT_MS },
  });
  return {
    async post({ url, headers, body }) {
      const fields = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
      const { statusCode, body: text, rawHeaders } = await client.post(url, { headers: fields, body });
      return toOutcome(statusCode, rawHeaders, text);
    },
    close: () => agents.http.destroy(),
  };
}

function createHttpPoster(): Poster {
  const agent = new http.Agent({ keepAlive: true });
  return {
    post({ url, headers, body }) {
      const fields: Record<string, string> = {};
      for (const { name, value } of headers) fields[name] = value;
      fields['content-length'] = String(Buffer.byteLength(body));
      return new Promise((resolve, reject) => {
        const sent = http.request(url, { method: 'POST', headers: fields, agent }, (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece) => pieces.push(piece));
          response.on('end', () => {
            clearTimeout(deadline);
            resolve(toOutcome(response.statusCode!, response.rawHeaders, Buffer.concat(pieces).toString()));
          });
        });
        const deadline = setTimeout(() => sent.destroy(), TIMEOUT_MS);
        sent.on('error', reject);
        sent.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}

function createUndiciPoster(): Poster {
  const dispatcher = new Agent({ headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  return {
    async post({ url, headers, body }) {
      const fields: Record<string, string> = {};
      for (const { name, value } of headers) fields[name] = value;
      const response = await request(url, {
        method: 'POST',
        headers: fields,
        body,
        dispatcher,
        responseHeaders: 'raw',
      });
      return toOutcome(response.statusCode, response.headers as unknown as string[], await response.body.text());
    },
    close: () => void dispatcher.close(),
  };
}

function toOutcome(statusCode: number, rawHeaders: readonly unknown[], body: string): Outcome {
  const headers: { name: string; value: string }[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.push({ name: String(rawHeaders[index]).toLowerCase(), value: String(rawHeaders[index + 1]) });
  }
  return { kind: 'response', statusCode, headers, body, bodyTruncated: false, responseTimeMs: 0 };
}
