import { setTimeout as delay } from 'node:timers/promises';
import { type Client, CloseCode, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type LiveResult, subscribeResuming } from '../client/resume.js';
import type { Api } from './api.js';
import { CommandError } from './command-error.js';

/** A sign of life is asked for so often, and has to come within the same time. */
const KEEP_ALIVE_MS = 10_000;
const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 5_000;

/** They say that the service does not want this client: connecting again would change nothing. */
const FINAL_CODES: readonly number[] = [CloseCode.Unauthorized, CloseCode.Forbidden];

export interface FollowOptions {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly signal: AbortSignal;
  /** Told of each connection: whether there was one before. */
  readonly onConnected?: (isAgain: boolean) => void;
  /** Told when the connection is lost. */
  readonly onLost?: () => void;
}

/**
 * Follows a subscription that takes `$after` until `signal`, or until the service ends it. It connects again for as long as
 * it takes, and goes on where it was.
 *
 * @throws {CommandError} when the subscription is refused
 */
export async function follow<Data extends Record<string, unknown>>(
  api: Api,
  { query, variables, ...options }: FollowOptions,
  onData: (data: Data) => void,
): Promise<void> {
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const client = connectAgainAndAgain(api, options);
  options.signal.addEventListener('abort', () => resolve(), { once: true });
  const stop = subscribeResuming<Data>(
    client,
    { query, variables },
    {
      next: ({ data, errors }: LiveResult<Data>) => {
        if (data && !errors) onData(data);
        else reject(new CommandError(`The subscription failed: ${describe(errors)}.`));
      },
      error: (error) => reject(new CommandError(`The subscription has ended: ${describe(error)}.`)),
      complete: resolve,
    },
  );
  try {
    await over;
  } finally {
    stop();
    // It fails where there was no connection to close.
    await Promise.resolve(client.dispose()).catch(() => {});
  }
}

/** A client that stays on for ever, and notices when nobody is at the other end any more. */
function connectAgainAndAgain(
  { url, apiKey }: Api,
  { signal, onConnected, onLost }: Omit<FollowOptions, 'query' | 'variables'>,
): Client {
  let isConnected = false;
  let isAgain = false;
  let pongTimeout: NodeJS.Timeout | undefined;
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${apiKey}` },
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (event) => !FINAL_CODES.includes((event as { code?: number }).code ?? 0),
    retryWait: async (attempt) => {
      // Cut short by the signal: whoever is told to stop does not wait.
      await delay(Math.min(FIRST_WAIT_MS * 2 ** attempt, MAX_WAIT_MS), undefined, { signal }).catch(() => {});
    },
    on: {
      connected: () => {
        onConnected?.(isAgain);
        isConnected = isAgain = true;
      },
      closed: () => {
        clearTimeout(pongTimeout);
        if (isConnected && !signal.aborted) onLost?.();
        isConnected = false;
      },
      ping: (isReceived) => {
        if (!isReceived) pongTimeout = setTimeout(() => client.terminate(), KEEP_ALIVE_MS);
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(pongTimeout);
      },
    },
  });
  return client;
}

/** Errors of GraphQL, an event of a socket that closed, or whatever else went wrong. */
function describe(error: unknown): string {
  if (Array.isArray(error)) return error.map(describe).join('; ');
  const { message, reason, code } = (error ?? {}) as { message?: string; reason?: string; code?: number };
  return message || reason || `the connection was closed with ${code ?? 'no reason'}`;
}
