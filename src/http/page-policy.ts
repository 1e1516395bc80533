import type { AllowedOrigins } from '../config.js';

/**
 * What the pages of the dashboard may do: load files of their own origin, and talk to it. Nothing inline runs, whatever
 * a receiver answers and a reader looks at. Only allowed origins may show a page in a frame.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
export function pagePolicy(allowed: AllowedOrigins): string {
  const framers = allowed === '*' ? ['*'] : ["'self'", ...allowed];
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    // WebSockets of the same host included.
    "connect-src 'self'",
    `frame-ancestors ${framers.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
