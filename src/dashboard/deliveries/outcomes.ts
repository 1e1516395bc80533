import type { AttemptOutcome } from '../documents.js';

/** What an attempt came to, in words. */
export const OUTCOMES: Record<AttemptOutcome, string> = {
  SUCCEEDED: 'Succeeded',
  HTTP_ERROR: 'Answered with an error',
  REDIRECT: 'Redirected, which is not followed',
  TIMEOUT: 'Timed out',
  CONNECTION_ERROR: 'No connection',
  DNS_ERROR: 'Host not found',
  TLS_ERROR: 'No trusted connection',
  BLOCKED_ADDRESS: 'Address not allowed',
};

/** Such as `142 ms` or `4.2 s`. */
export function duration(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(Math.floor(ms / 100) / 10).toLocaleString('en')} s`;
}
