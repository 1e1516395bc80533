/** What an attempt came to. Only the first is a success. */
export enum AttemptOutcome {
  /** The receiver answered 2xx, and all of the answer that is kept came in time. */
  SUCCEEDED = 'SUCCEEDED',
  /** The receiver answered in full, with a status code that is neither 2xx nor 3xx. */
  HTTP_ERROR = 'HTTP_ERROR',
  /** The receiver answered 3xx. Redirects are never followed. */
  REDIRECT = 'REDIRECT',
  /** The answer was not complete when the time for an attempt was up, wherever it hung. */
  TIMEOUT = 'TIMEOUT',
  /** The name of the host has no address, or the look-up failed. */
  DNS_ERROR = 'DNS_ERROR',
  /** No connection, one that broke before the answer was complete, or an answer that is not HTTP. */
  CONNECTION_ERROR = 'CONNECTION_ERROR',
  /** No encrypted connection that can be trusted: a bad certificate, or a port that does not speak TLS. */
  TLS_ERROR = 'TLS_ERROR',
  /** The host is at an address that the service must not call. Nothing was sent. */
  BLOCKED_ADDRESS = 'BLOCKED_ADDRESS',
}
