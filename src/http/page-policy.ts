import type { AllowedOrigins } from '../config/config.js';

/**
 * What the pages of the dashboard may do: load files of their own origin, and talk to it. Nothing inline runs, whatever
 * a receiver answers and a reader looks at. Only allowed origins may show a page in a frame.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
export function pagePolicy(allowed: AllowedOrigins): string {
  return policyOf({ 'style-src': "'self'", 'img-src': "'self' data:", 'frame-ancestors': framersOf(allowed) });
}

/**
 * The explorer's editor writes styles as it goes, has icons in a font, and checks what is typed in workers. Scripts are
 * as confined as those of the dashboard, and nobody needs it in a frame.
 */
export function explorerPolicy(): string {
  return policyOf({
    'style-src': "'self' 'unsafe-inline'",
    'img-src': "'self' data:",
    'font-src': "'self' data:",
    'worker-src': "'self'",
    'frame-ancestors': "'none'",
  });
}

function policyOf(more: Record<string, string>): string {
  const all = {
    'default-src': "'none'",
    'script-src': "'self'",
    // WebSockets of the same host included.
    'connect-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    ...more,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}

function framersOf(allowed: AllowedOrigins): string {
  return (allowed === '*' ? ['*'] : ["'self'", ...allowed]).join(' ');
}
