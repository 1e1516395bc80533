import type { AddressRange } from '../endpoints/address-range.js';
import { ExplainedError } from '../explained-error.js';
import type { Secret } from '../secret.js';
import type { SecretKey } from '../storage/secret-keys.js';
import { readFileVariables } from './files.js';
import { type SamplerName, type TracingSettings, toTracingSettings } from './tracing.js';
import type { AllowedOrigins, BootstrapKey } from './values.js';
import { type LogLevel, type Role, Variables, type VariableValues } from './variables.js';

export type { AllowedOrigins, BootstrapKey, LogLevel, Role, SamplerName, TracingSettings };

/** Everything an operator can set, checked and in the units that the code works in. */
export interface Config {
  /** TCP port of API, WebSocket and dashboard; 0 picks a free one. */
  readonly port: number;
  readonly host: string;
  /** Undefined: embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: Secret<string> | undefined;
  /** Absolute path of the directory for the embedded database and the generated keys. */
  readonly dataDir: string;
  readonly roles: ReadonlySet<Role>;
  /** Keys that are valid from the start; empty when none are set. */
  readonly bootstrapKeys: Secret<readonly BootstrapKey[]>;
  /** The first encrypts, all decrypt. Undefined: generated in `dataDir`. */
  readonly secretKeys: Secret<readonly SecretKey[]> | undefined;
  /** The waits before attempts 2, 3, …; empty for no retries. */
  readonly retryScheduleMs: readonly number[];
  /** The longest that one attempt takes, from look-up to the last byte read. */
  readonly attemptTimeoutMs: number;
  /** Attempts in flight in this process, at most. */
  readonly dispatchConcurrency: number;
  /** Attempts in flight from this process to one endpoint, at most. */
  readonly endpointConcurrency: number;
  /** About how many jobs of one endpoint wait in the queue; the rest of its deliveries wait as rows. */
  readonly endpointWindow: number;
  readonly allowHttp: boolean;
  /** Addresses that may be called although they are not public. */
  readonly allowedAddresses: readonly AddressRange[];
  /** Absolute path of a PEM file with further certificate authorities for receivers. */
  readonly caFile: string | undefined;
  /** The name of the signature header, as it was written. */
  readonly signatureHeader: string;
  /** How long events, deliveries and attempts are kept, in days. */
  readonly retentionDays: number;
  /** How long every attempt to an endpoint may fail before it is disabled; null for ever. */
  readonly autoDisableAfterMs: number | null;
  /** The longest `data` of an event, in bytes of JSON. */
  readonly maxEventBytes: number;
  readonly maxRequestBytes: number;
  /** Whose pages may call the API from a browser, besides this service's own. */
  readonly allowedOrigins: AllowedOrigins;
  /** Null: no JSON Web Tokens are accepted. */
  readonly tokens: TokenSettings | null;
  /** Open WebSockets of one account in this process, at most. */
  readonly maxSocketsPerAccount: number;
  readonly introspection: boolean;
  /** What one account may ask of this process, in units of cost a second; null for no limit. */
  readonly rateLimit: number | null;
  readonly logLevel: LogLevel;
  /** TCP port of the metrics; 0 picks a free one, undefined: none. */
  readonly metricsPort: number | undefined;
  /** Null: no traces. */
  readonly tracing: TracingSettings | null;
}

/** Whose JSON Web Tokens are accepted, and what their claims are called. */
export interface TokenSettings {
  /** Where the public keys are, as a JSON Web Key Set. */
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly accountClaim: string;
  readonly scopeClaim: string;
}

/** What is wrong with the environment: a line for each fault, none of which quotes a secret. */
export class ConfigError extends ExplainedError {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/**
 * Reads the configuration. A variable set to nothing counts as unset, except for `RETRY_SCHEDULE`, where it means no
 * retries.
 *
 * @throws {ConfigError} with every fault there is.
 */
export function readConfig(given: NodeJS.ProcessEnv): Config {
  const { env, faults: unreadable } = readFileVariables(given);
  const result = Variables.safeParse(withoutEmpty(env));
  const faults = result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  faults.push(...unreadable);
  if (env.DATABASE_URL && !env.SECRET_KEYS && !env.SECRET_KEYS_FILE) {
    faults.push(
      'SECRET_KEYS is required with DATABASE_URL; set it to id:base64key, the key being 32 random bytes (openssl rand -base64 32)',
    );
  }
  faults.push(...findTokenFaults(env));
  if (!result.success || faults.length > 0) throw new ConfigError(faults);
  return toConfig(result.data);
}

/** A token for somebody else, or of somebody else, would be as good as ours. */
function findTokenFaults({ JWT_JWKS_URL, ...env }: NodeJS.ProcessEnv): string[] {
  return ['JWT_ISSUER', 'JWT_AUDIENCE'].flatMap((name) => {
    if (JWT_JWKS_URL && !env[name])
      return `${name} is required with JWT_JWKS_URL; set it to the claim that tokens carry`;
    if (!JWT_JWKS_URL && env[name]) return `${name} is set without JWT_JWKS_URL; set both, or neither`;
    return [];
  });
}

function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name, text]) => text !== '' || name === 'RETRY_SCHEDULE'));
}

function toConfig(variables: VariableValues): Config {
  return {
    port: variables.PORT,
    host: variables.HOST,
    databaseUrl: variables.DATABASE_URL,
    dataDir: variables.DATA_DIR,
    roles: variables.ROLES,
    bootstrapKeys: variables.BOOTSTRAP_API_KEY,
    secretKeys: variables.SECRET_KEYS,
    retryScheduleMs: variables.RETRY_SCHEDULE,
    attemptTimeoutMs: variables.ATTEMPT_TIMEOUT,
    dispatchConcurrency: variables.DISPATCH_CONCURRENCY,
    endpointConcurrency: variables.ENDPOINT_CONCURRENCY,
    endpointWindow: variables.ENDPOINT_WINDOW,
    allowHttp: variables.WEBHOOK_ALLOW_HTTP,
    allowedAddresses: variables.WEBHOOK_ALLOWED_CIDRS,
    caFile: variables.WEBHOOK_CA_FILE,
    signatureHeader: variables.SIGNATURE_HEADER,
    retentionDays: variables.RETENTION_DAYS,
    autoDisableAfterMs: variables.AUTO_DISABLE_AFTER,
    maxEventBytes: variables.MAX_EVENT_BYTES,
    maxRequestBytes: variables.MAX_REQUEST_BYTES,
    allowedOrigins: variables.ALLOWED_ORIGINS,
    tokens: toTokenSettings(variables),
    maxSocketsPerAccount: variables.MAX_SOCKETS_PER_ACCOUNT,
    introspection: variables.INTROSPECTION,
    rateLimit: variables.RATE_LIMIT,
    logLevel: variables.LOG_LEVEL,
    metricsPort: variables.METRICS_PORT,
    tracing: toTracingSettings(variables),
  };
}

function toTokenSettings(variables: VariableValues): TokenSettings | null {
  const { JWT_JWKS_URL: jwksUrl, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = variables;
  if (jwksUrl === undefined || issuer === undefined || audience === undefined) return null;
  return {
    jwksUrl,
    issuer,
    audience,
    accountClaim: variables.JWT_ACCOUNT_CLAIM,
    scopeClaim: variables.JWT_SCOPE_CLAIM,
  };
}
