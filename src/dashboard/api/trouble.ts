import { CombinedGraphQLErrors, ServerError, ServerParseError } from '@apollo/client/errors';

const UNREACHABLE = 'The service cannot be reached. Check your connection and try again.';
const STARTING = 'The service is starting again. Try again in a moment.';
const OVERLOADED = 'The service has more to do than it can at the moment. Try again shortly.';
const BROKEN = 'Something went wrong in the service. Try again; if it stays so, tell those who run it.';

/** What to tell the reader of an error: always in our words, for what libraries say is not for people. */
export function wordsFor(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) return wordsForCode(error.errors[0]);
  if (ServerError.is(error) && error.statusCode === 503) return STARTING;
  if (isNetworkTrouble(error)) return UNREACHABLE;
  if (ServerError.is(error)) {
    if (error.statusCode === 429) return OVERLOADED;
    return error.statusCode < 500 ? (messageOf(error.bodyText) ?? BROKEN) : BROKEN;
  }
  return BROKEN;
}

/** Nothing has answered, or nothing that is the service: asking again may help. */
export function isNetworkTrouble(error: unknown): boolean {
  if (ServerError.is(error) || ServerParseError.is(error)) return [502, 503, 504].includes(error.statusCode);
  if (CombinedGraphQLErrors.is(error)) return error.errors.some(({ extensions }) => extensions?.code === 'UNAVAILABLE');
  return error instanceof TypeError;
}

interface Fault {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

function wordsForCode(fault: Fault | undefined): string {
  switch (fault?.extensions?.code) {
    // The service has put these for people.
    case 'BAD_USER_INPUT':
    case 'FORBIDDEN':
      return fault.message;
    case 'RATE_LIMITED':
      return OVERLOADED;
    case 'UNAVAILABLE':
      return UNREACHABLE;
    default:
      return BROKEN;
  }
}

function messageOf(body: string): string | null {
  try {
    const { errors } = JSON.parse(body) as { errors?: Fault[] };
    return errors?.[0]?.message ?? null;
  } catch {
    return null;
  }
}
