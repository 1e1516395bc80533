import { AttemptOutcome } from '../deliveries/attempt-outcome.js';

/** One header as it goes over the wire; the name in lower case. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** What one request came to. A refusal, a time-out and a 500 are outcomes, not exceptions. */
export type Outcome = ResponseOutcome | NoResponseOutcome;

/** The receiver answered: the head came, and of the body as much as is kept. */
export interface ResponseOutcome {
  readonly kind: 'response';
  readonly statusCode: number;
  /** In the order received; a header sent twice is in here twice. */
  readonly headers: readonly HeaderField[];
  /** The first 64 KiB, as text that PostgreSQL can hold. */
  readonly body: string;
  /** Whether the body went on after `body`. */
  readonly bodyTruncated: boolean;
  /** Whole milliseconds from the start, look-up included, to the last byte read. */
  readonly responseTimeMs: number;
  /** How long the receiver asks to be left alone; on 429 and 503 only. */
  readonly retryAfterMs?: number;
}

/** No complete answer came. */
export interface NoResponseOutcome {
  readonly kind: 'no-response';
  readonly reason: NoResponseReason;
  /** What went wrong, in words for the endpoint's owner; never an address. */
  readonly error: string;
  /** Whole milliseconds from the start to the failure. */
  readonly responseTimeMs: number;
}

/** The stage at which a request came to nothing. */
export type NoResponseReason = 'timeout' | 'dns' | 'connection' | 'tls' | 'blocked-address';

const NO_RESPONSE: Readonly<Record<NoResponseReason, AttemptOutcome>> = {
  timeout: AttemptOutcome.TIMEOUT,
  dns: AttemptOutcome.DNS_ERROR,
  connection: AttemptOutcome.CONNECTION_ERROR,
  tls: AttemptOutcome.TLS_ERROR,
  'blocked-address': AttemptOutcome.BLOCKED_ADDRESS,
};

/** Whether the receiver has the event: it answered 2xx. */
export function isSuccess(outcome: Outcome): boolean {
  return outcome.kind === 'response' && outcome.statusCode >= 200 && outcome.statusCode <= 299;
}

/** The outcome by the name under which it is stored and shown. */
export function classify(outcome: Outcome): AttemptOutcome {
  if (outcome.kind === 'no-response') return NO_RESPONSE[outcome.reason];
  if (isSuccess(outcome)) return AttemptOutcome.SUCCEEDED;
  const redirects = outcome.statusCode >= 300 && outcome.statusCode <= 399;
  return redirects ? AttemptOutcome.REDIRECT : AttemptOutcome.HTTP_ERROR;
}
