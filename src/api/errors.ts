import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { TokenKeysUnavailableError } from '../access/tokens.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { isTransient } from '../storage/database.js';
import { withholdValues } from './withhold-values.js';

/** The request is well formed but asks for what this field does not take. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** An error of GraphQL itself about an operation that does not run, under a code that callers know. */
export function refusedAs(code: string, { message, nodes, source, positions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { nodes, source, positions, extensions: { code } });
}

export function unauthenticated(): GraphQLError {
  const message =
    'Send an API key: the header `authorization: Bearer <key>`. The first start of the service prints one; BOOTSTRAP_API_KEY sets one.';
  return new GraphQLError(message, {
    extensions: { code: 'UNAUTHENTICATED', http: { status: 401, headers: new Map([['www-authenticate', 'Bearer']]) } },
  });
}

/** The credentials are valid, and do not reach so far. */
export function forbidden(scope: string, field: string): GraphQLError {
  const message = `${field} needs the scope ${scope}, which your credentials do not have.`;
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}

/** More at once than anybody gets. The message says what to wait for, and the seconds for how long, if that is known. */
export function rateLimited(message: string, retryAfterSeconds?: number): GraphQLError {
  const headers = new Map(retryAfterSeconds === undefined ? [] : [['retry-after', String(retryAfterSeconds)]]);
  return new GraphQLError(message, {
    extensions: { code: 'RATE_LIMITED', retryAfterSeconds, http: { status: 429, headers } },
  });
}

const UNAVAILABLE =
  'The service cannot reach its database at the moment. What you asked for may or may not have been done: ask again, a publish with the same idempotency key.';

const TOKEN_KEYS_UNAVAILABLE =
  'The service cannot have the keys that your token is verified by at the moment. Ask again, or come with an API key.';

/** What callers are told when nobody can say who they are at the moment; null when something else went wrong. */
export function whyUnidentified(error: unknown): GraphQLError | null {
  if (error instanceof TokenKeysUnavailableError) return unavailable(TOKEN_KEYS_UNAVAILABLE);
  return isTransient(error) ? unavailable(UNAVAILABLE) : null;
}

function unavailable(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAVAILABLE', http: { status: 503 } } });
}

/** The codes that callers may rely on. */
const CODES: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'RATE_LIMITED',
  'UNAVAILABLE',
]);

/** Turns an error as GraphQL words it, and what it was at first, into what the caller is told. */
export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** Some messages of GraphQL quote what was sent: not more than a reader can use. */
const MESSAGE_CHARACTERS = 1_000;

/**
 * What callers see of an error. Mistakes of theirs are told as they are; anything else is ours: it goes to the log, and
 * they learn no more than whether to try again.
 */
export function createFormatError({ log, metrics }: { log: Log; metrics: Metrics }): FormatError {
  const format = formatWith(log);
  return (formatted, error) => {
    const told = format(formatted, error);
    metrics.errorsToCallers.inc({ code: String(told.extensions?.code) });
    return told;
  };
}

function formatWith(log: Log): FormatError {
  return (formatted, error) => {
    const { message, locations, path } = formatted;
    const { code, retryAfterSeconds } = formatted.extensions ?? {};
    if (code !== 'INTERNAL_SERVER_ERROR') {
      // The GraphQL server has finer words for requests that are not GraphQL.
      const extensions = {
        code: CODES.has(code) ? code : 'BAD_USER_INPUT',
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      };
      return { ...formatted, message: shorten(withholdValues(message)), extensions };
    }
    const cause = unwrapResolverError(error);
    log.error({ err: cause, path }, 'request failed');
    if (isTransient(cause)) return { message: UNAVAILABLE, locations, path, extensions: { code: 'UNAVAILABLE' } };
    return { message: 'Internal server error', locations, path, extensions: { code } };
  };
}

function shorten(message: string): string {
  return message.length > MESSAGE_CHARACTERS ? `${message.slice(0, MESSAGE_CHARACTERS)}…` : message;
}

/** What callers see of errors that did not pass through the GraphQL server: the same as if they had. */
export function formatErrors(errors: readonly GraphQLError[], formatError: FormatError): GraphQLFormattedError[] {
  return errors.map((error) => {
    const extensions = { code: 'INTERNAL_SERVER_ERROR', ...error.extensions };
    return formatError({ ...error.toJSON(), extensions }, error.originalError ?? error);
  });
}
