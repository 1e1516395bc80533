import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { TokenSettings } from '../config/config.js';
import type { Clock } from '../storage/clock.js';
import { MINUTE_MS } from '../units.js';
import { type Caller, isAccountId, SCOPES, type Scope } from './account.js';

/** Those with a public key. With a shared secret, whoever knows the published key could sign. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** How far the clock of whoever issues tokens may be from ours, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 5;

const FETCH_TIMEOUT_MS = 5_000;
/** How long published keys are taken to be the ones that count. */
const KEYS_MAX_AGE_MS = 10 * MINUTE_MS;
/** How soon to look again for a key that is not among them. */
const LOOK_AGAIN_AFTER_MS = 2_000;

/** What a token can be wrong in. Anything else that goes wrong is not its bearer's fault. */
const REFUSALS: readonly string[] = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
].map(({ code }) => code);

/** The keys by which tokens are verified cannot be had, so nothing can be said about any token. */
export class TokenKeysUnavailableError extends Error {
  override readonly name = 'TokenKeysUnavailableError';
}

/** Says who comes with a token; null for one that is not valid. */
export type VerifyToken = (token: string) => Promise<Caller | null>;

/**
 * Verifies the JSON Web Tokens of the product that this service is part of, by the keys that it publishes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725 for what has to be checked
 */
export function createVerifyToken(settings: TokenSettings, clock: Clock): VerifyToken {
  const { jwksUrl, issuer, audience } = settings;
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: KEYS_MAX_AGE_MS,
    cooldownDuration: LOOK_AGAIN_AFTER_MS,
  });
  return async (token) => {
    const options = {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(clock.now()),
    };
    try {
      return callerOf(await verify(token, keys, options), settings);
    } catch (error) {
      if (REFUSALS.includes((error as { code?: string }).code ?? '')) return null;
      throw new TokenKeysUnavailableError('The keys of JWT_JWKS_URL cannot be had or used.', { cause: error });
    }
  };
}

/** Whether a credential is to be read as a token: three parts of Base64 with dots between, as no API key is. */
export function looksLikeToken(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential);
}

async function verify(
  token: string,
  keys: ReturnType<typeof createRemoteJWKSet>,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    // A token may leave out by which key it is signed: each that could be is tried.
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (cause) {
        if (!(cause instanceof errors.JWSSignatureVerificationFailed)) throw cause;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** Scopes that this service does not know are for others. */
function callerOf(payload: JWTPayload, { accountClaim, scopeClaim }: TokenSettings): Caller | null {
  const accountId = claimOf(payload, accountClaim);
  if (typeof accountId !== 'string' || !isAccountId(accountId)) return null;
  return {
    accountId,
    scopes: scopesOf(claimOf(payload, scopeClaim)),
    expiresAtMs: (payload.exp! + CLOCK_TOLERANCE_SECONDS) * 1_000,
  };
}

function claimOf(payload: JWTPayload, name: string): unknown {
  return Object.hasOwn(payload, name) ? payload[name] : undefined;
}

/** A list, or text with spaces between, as in RFC 8693. */
function scopesOf(claim: unknown): Scope[] {
  const given: readonly unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return SCOPES.filter((scope) => given.includes(scope));
}
