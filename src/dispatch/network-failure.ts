import type { NoResponseReason } from './outcome.js';

/** Why no response came: the stage that failed, and fixed words for the endpoint's owner, without an address. */
export interface NetworkFailure {
  readonly reason: NoResponseReason;
  readonly error: string;
}

/** How far a request had come when it failed. */
export type Stage = 'connecting' | 'tls-handshake' | 'waiting' | 'reading';

const BLOCKED: NetworkFailure = {
  reason: 'blocked-address',
  error: 'The address is not one that the service may call',
};
const BLOCKED_URL: NetworkFailure = {
  reason: 'blocked-address',
  error: 'The URL has a scheme or a port that the service may not call',
};
const LOOKUP_FAILED: NetworkFailure = { reason: 'dns', error: 'Host name look-up failed' };
const UNREACHABLE: NetworkFailure = { reason: 'connection', error: 'Host unreachable' };
const NOT_TLS: NetworkFailure = { reason: 'tls', error: 'TLS: the port does not speak TLS' };
const SELF_SIGNED: NetworkFailure = { reason: 'tls', error: 'TLS: certificate is self-signed' };
const UNKNOWN_ISSUER: NetworkFailure = {
  reason: 'tls',
  error: 'TLS: certificate is not from a trusted authority, or its chain is incomplete',
};

const BY_CODE: Readonly<Record<string, NetworkFailure>> = {
  ERR_BLOCKED_ADDRESS: BLOCKED,
  ERR_IP_BLOCKED: BLOCKED,
  ERR_BLOCKED_URL: BLOCKED_URL,
  ERR_UNSUPPORTED_PROTOCOL: BLOCKED_URL,
  ENOTFOUND: { reason: 'dns', error: 'Host name not found' },
  EAI_AGAIN: { reason: 'dns', error: 'Host name look-up failed for the moment' },
  ECONNREFUSED: { reason: 'connection', error: 'Connection refused' },
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: { reason: 'timeout', error: 'Connection timed out' },
  HPE_HEADER_OVERFLOW: { reason: 'connection', error: 'The headers of the response are larger than 16 KiB' },
  ERR_ANSWER_TOO_LONG: { reason: 'connection', error: 'More than 1 MiB came, and no answer in it' },
  CERT_HAS_EXPIRED: { reason: 'tls', error: 'TLS: certificate has expired' },
  CERT_NOT_YET_VALID: { reason: 'tls', error: 'TLS: certificate is not valid yet' },
  CERT_REVOKED: { reason: 'tls', error: 'TLS: certificate is revoked' },
  ERR_TLS_CERT_ALTNAME_INVALID: { reason: 'tls', error: 'TLS: certificate is for another host name' },
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
};

const CONNECTION_ENDED: Readonly<Record<Stage, NetworkFailure>> = {
  connecting: { reason: 'connection', error: 'Connection failed' },
  'tls-handshake': { reason: 'tls', error: 'TLS: connection closed during the handshake' },
  waiting: { reason: 'connection', error: 'Connection closed before an answer came' },
  reading: { reason: 'connection', error: 'Connection closed in the middle of the response' },
};

/** What OpenSSL says of bytes that are no TLS; the code it comes with depends on when they are read. */
const NOT_TLS_MESSAGE = /wrong version number|packet length too long/;

/**
 * Puts an error of Node's network layers in words. The raw message is never passed on: it may name addresses, and it
 * changes from release to release.
 */
export function describeFailure(
  { code = '', syscall, message = '' }: { code?: string; syscall?: string; message?: string },
  stage: Stage,
): NetworkFailure {
  const known = BY_CODE[code];
  // A look-up may also fail with codes of connections, such as that of a name server that refuses one.
  if (syscall === 'getaddrinfo') return known?.reason === 'dns' ? known : LOOKUP_FAILED;
  if (known) return known;
  if (syscall === 'connect') return CONNECTION_ENDED.connecting;
  if (code.startsWith('HPE_')) return { reason: 'connection', error: 'The answer is not valid HTTP' };
  if (code === 'ECONNRESET' || code === 'EPIPE') return CONNECTION_ENDED[stage];
  const isTls = stage === 'tls-handshake' || /^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code);
  if (!isTls) return CONNECTION_ENDED[stage];
  return NOT_TLS_MESSAGE.test(message) ? NOT_TLS : { reason: 'tls', error: 'TLS: handshake failed' };
}

/** What is said when the time for an attempt is up. */
export function describeTimeout(attemptTimeoutMs: number, stage: Stage): NetworkFailure {
  const limit = attemptTimeoutMs < 1000 ? `${attemptTimeoutMs} ms` : `${attemptTimeoutMs / 1000} s`;
  const error = stage === 'reading' ? `The response did not end within ${limit}` : `No answer within ${limit}`;
  return { reason: 'timeout', error };
}
