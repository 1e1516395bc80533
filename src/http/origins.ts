import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { AllowedOrigins } from '../config/config.js';

/** Says whether a request comes from a page that may call the API, or from no page at all. */
export type IsAllowedOrigin = (request: IncomingMessage) => boolean;

const ALLOWED_METHODS = 'GET, POST';
const ALLOWED_HEADERS = 'authorization, content-type, apollo-require-preflight';
const REMEMBER_SECONDS = '600';

/** Pages of this service itself may always call it. */
export function createIsAllowedOrigin(allowed: AllowedOrigins): IsAllowedOrigin {
  const origins = new Set(allowed === '*' ? [] : allowed);
  return ({ headers: { origin, host } }) =>
    origin === undefined || allowed === '*' || origins.has(origin) || isOriginOf(host, origin);
}

/** What a page of another origin is told. */
export function refusalOf(origin: string | undefined): string {
  return `The origin ${origin} may not call this API. ALLOWED_ORIGINS names those that may.`;
}

/** A proxy that ends TLS leaves the host alone but not the scheme: the page's own scheme is taken for both. */
function isOriginOf(host: string | undefined, origin: string): boolean {
  const scheme = /^https?:/.exec(origin)?.[0];
  const service = scheme && host ? `${scheme}//${host}` : '';
  return URL.canParse(service) && new URL(service).origin === origin;
}

/**
 * Lets pages of allowed origins call the API and read its answers; browsers keep all others from either. Credentials are
 * a header that a page must know to send, so there are no cookies to protect.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function allowOrigins(isAllowed: IsAllowedOrigin): RequestHandler {
  return (request, response, next) => {
    const { origin, 'access-control-request-method': intended } = request.headers;
    response.vary('origin');
    const isCrossOrigin = origin !== undefined;
    if (isCrossOrigin && isAllowed(request)) response.set('access-control-allow-origin', origin);
    if (!isCrossOrigin || request.method !== 'OPTIONS' || intended === undefined) return next();
    if (!isAllowed(request)) {
      response.status(403).type('text').send(refusalOf(origin));
      return;
    }
    response.set('access-control-allow-methods', ALLOWED_METHODS);
    response.set('access-control-allow-headers', ALLOWED_HEADERS);
    response.set('access-control-max-age', REMEMBER_SECONDS);
    response.status(204).end();
  };
}
