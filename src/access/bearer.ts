const SCHEME = 'bearer ';

/** As long as all headers together may be: what is longer is neither a key nor a token. */
const MAX_LENGTH = 16_384;

/**
 * What follows `Bearer` in an `Authorization` header; null when there is nothing. Takes time in proportion to the length,
 * whatever a stranger sends.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function parseBearer(authorization: string | undefined): string | null {
  if (!authorization || authorization.length > MAX_LENGTH) return null;
  if (authorization.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return null;
  return authorization.slice(SCHEME.length).trim() || null;
}
