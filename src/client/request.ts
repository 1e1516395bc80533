import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql/language/printer.js';

/** Where the API is, and who asks. */
export interface Connection {
  /** Such as `https://webhooks.example.com/graphql`. */
  readonly url: string;
  /** An API key or a JWT; a function is asked before each request, so that a token can be fresh. */
  readonly credential: string | (() => string | Promise<string>);
  /** What sends requests; the global `fetch` if left out. */
  readonly fetch?: typeof fetch;
}

export interface UserError {
  readonly field?: readonly string[] | null;
  readonly code: string;
  readonly message: string;
}

export interface WebhooksErrorOptions extends ErrorOptions {
  readonly code: string;
  readonly retryAfterSeconds?: number | undefined;
  readonly userErrors?: readonly UserError[] | undefined;
}

/** Why a request has failed. */
export class WebhooksError extends Error {
  override readonly name = 'WebhooksError';
  /**
   * The API's own: UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT, RATE_LIMITED, UNAVAILABLE, INTERNAL_SERVER_ERROR, and those of
   * GraphQL; `USER_ERRORS` when the input has to be put right, `NO_ANSWER` when nothing of the API answered.
   */
  readonly code: string;
  /** With RATE_LIMITED: when to come again. */
  readonly retryAfterSeconds: number | undefined;
  /** What to put right, with the path of each input at fault. */
  readonly userErrors: readonly UserError[];

  constructor(message: string, { code, retryAfterSeconds, userErrors = [], ...options }: WebhooksErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
    this.userErrors = userErrors;
  }

  /** Whether the same request may succeed later. It may have been carried out all the same. */
  get isTransient(): boolean {
    return ['NO_ANSWER', 'UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR'].includes(this.code);
  }
}

interface Answer<Data> {
  data?: Data | null;
  errors?: readonly { message: string; extensions?: { code?: string; retryAfterSeconds?: number } }[];
}

/**
 * Runs a query or a mutation, once.
 *
 * @returns its data, `userErrors` included
 * @throws {WebhooksError} when it has no data, or not all of it
 */
export async function request<Data, Variables>(
  { url, credential, fetch = globalThis.fetch }: Connection,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<Data> {
  const token = typeof credential === 'function' ? await credential() : credential;
  const { data, errors } = await ask<Data>(async () =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: print(document), variables }),
      signal: signal ?? null,
    }),
  );
  const [error] = errors ?? [];
  if (!error && data) return data;
  const { code = 'INTERNAL_SERVER_ERROR', retryAfterSeconds } = error?.extensions ?? {};
  throw new WebhooksError(error?.message ?? 'The answer has no data.', { code, retryAfterSeconds });
}

async function ask<Data>(send: () => Promise<Response>): Promise<Answer<Data>> {
  let what = 'The service did not answer';
  try {
    const response = await send();
    what = `What answered with status ${response.status} is not the API`;
    const answer = (await response.json()) as Answer<Data>;
    if ('data' in answer || Array.isArray(answer.errors)) return answer;
    throw new TypeError('neither data nor errors');
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new WebhooksError(`${what}: ${(error as Error).message}`, { code: 'NO_ANSWER', cause: error });
  }
}
