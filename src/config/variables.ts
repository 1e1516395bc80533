import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { parseAddressRanges } from '../endpoints/address-range.js';
import { isHeaderName, isReservedHeader } from '../endpoints/reserved-headers.js';
import { Secret } from '../secret.js';
import { parseSecretKeys, type SecretKey } from '../storage/secret-keys.js';
import { DAY_MS, HOUR_MS, KIB, MIB, SECOND_MS } from '../units.js';
import { TRACING_VARIABLES } from './tracing.js';
import {
  type AllowedOrigins,
  parseBootstrapKeys,
  parseBytes,
  parseDurationMs,
  parseList,
  parseOrigins,
  parseRetryScheduleMs,
  parseSwitch,
  parseWholeNumber,
  quote,
} from './values.js';

/** A part of the service that a process can run. */
export type Role = (typeof ROLES)[number];

/** How much is logged: this level and those after it. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const ROLES = ['api', 'dispatcher'] as const;

/** Where Apollo's own copies of Sandbox run, for those who prefer them to the page at `/graphql`. */
const SANDBOX_ORIGINS: AllowedOrigins = [
  'https://sandbox.embed.apollographql.com',
  'https://studio.apollographql.com',
  'https://sandbox.apollo.dev',
];

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** A variable whose text `read` turns into a value, or refuses with a sentence that continues the variable's name. */
function from<T>(read: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return read(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message.replace(/\s+/g, ' ') });
      return z.NEVER;
    }
  });
}

const wholeNumber = (min: number, max: number, advice: string) => (text: string) =>
  parseWholeNumber(text, { min, max, advice });

const bytes = (max: number, advice: string) => (text: string) => parseBytes(text, { min: 1, max, advice });

/** The variables that exist, each with its default and how its text is read. */
export const Variables = z.object({
  PORT: from(wholeNumber(0, 65_535, 'give a TCP port such as 4000, or 0 for a free one')).default(4000),
  HOST: from(readHost).default('127.0.0.1'),
  DATABASE_URL: from(readDatabaseUrl).optional(),
  DATA_DIR: from(resolve).default(() => resolve('data')),
  ROLES: from(readRoles).default(() => new Set(ROLES)),
  BOOTSTRAP_API_KEY: from((text) => new Secret(parseBootstrapKeys(text))).default(() => new Secret([])),
  SECRET_KEYS: from(readSecretKeys).optional(),
  RETRY_SCHEDULE: from(parseRetryScheduleMs).default(() => parseRetryScheduleMs('1m,5m,30m,2h,24h')),
  ATTEMPT_TIMEOUT: from((text) =>
    parseDurationMs(text, { min: 1, max: HOUR_MS, advice: 'give a time of 1ms to 1h, such as 15s' }),
  ).default(15 * SECOND_MS),
  DISPATCH_CONCURRENCY: from(wholeNumber(1, 10_000, 'give a number of attempts such as 192')).default(192),
  ENDPOINT_CONCURRENCY: from(wholeNumber(1, 10_000, 'give a number of attempts such as 64')).default(64),
  ENDPOINT_WINDOW: from(wholeNumber(1, 100_000, 'give a number of jobs such as 256')).default(256),
  WEBHOOK_ALLOW_HTTP: from((text) => parseSwitch(text, 'give true or false')).default(false),
  WEBHOOK_ALLOWED_CIDRS: from(parseAddressRanges).default(() => []),
  WEBHOOK_CA_FILE: from(readCertificatePath).optional(),
  SIGNATURE_HEADER: from(readSignatureHeader).default('X-RevKeen-Signature'),
  AUTO_DISABLE_AFTER: from(readAutoDisableAfter).default(5 * DAY_MS),
  RETENTION_DAYS: from(wholeNumber(1, 36_500, 'give a number of days such as 30')).default(30),
  MAX_EVENT_BYTES: from(bytes(64 * MIB, 'give a size of 1 byte to 64MiB, such as 256KiB')).default(256 * KIB),
  MAX_REQUEST_BYTES: from(bytes(256 * MIB, 'give a size of 1 byte to 256MiB, such as 16MiB')).default(16 * MIB),
  ALLOWED_ORIGINS: from(parseOrigins).default(SANDBOX_ORIGINS),
  MAX_SOCKETS_PER_ACCOUNT: from(wholeNumber(1, 1_000_000, 'give a number of sockets such as 2000')).default(2_000),
  JWT_JWKS_URL: from(readJwksUrl).optional(),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
  JWT_ACCOUNT_CLAIM: z.string().default('account'),
  JWT_SCOPE_CLAIM: z.string().default('scope'),
  INTROSPECTION: from((text) => parseSwitch(text, 'give on or off')).default(true),
  RATE_LIMIT: from(readRateLimit).default(1_000_000),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `is not a level of logging; give one of ${LOG_LEVELS.join(', ')}` })
    .default('info'),
  METRICS_PORT: from(wholeNumber(0, 65_535, 'give a TCP port such as 9464, or 0 for a free one')).optional(),
  ...TRACING_VARIABLES,
});

export type VariableValues = z.output<typeof Variables>;

function readAutoDisableAfter(text: string): number | null {
  const advice = 'give a time such as 5d, or off';
  return text === 'off' ? null : parseDurationMs(text, { min: 1, max: 365 * DAY_MS, advice });
}

function readRateLimit(text: string): number | null {
  const advice = 'give units of cost a second such as 1000000, or off';
  return text === 'off' ? null : parseWholeNumber(text, { min: 1_000, max: 1_000_000_000, advice });
}

function readHost(text: string): string {
  if (/^[\w.:%-]+$/.test(text)) return text;
  throw new Error(`${quote(text)} is not a host name or address; give one to listen on, such as 127.0.0.1 or 0.0.0.0`);
}

function readDatabaseUrl(text: string): Secret<string> {
  try {
    // PostgreSQL knows URLs that name a user and no host, for a unix socket; the URL standard does not.
    const isUrl = /^postgres(ql)?:\/\//.test(text) && URL.canParse(text.replace('@/', '@localhost/'));
    if (isUrl && decodeURIComponent(text)) return new Secret(text);
  } catch {
    // A percent sign that encodes nothing: the advice is the same.
  }
  throw new Error(
    'is not the URL of a PostgreSQL database; give one such as postgres://user:password@host:5432/database, with special characters percent-encoded',
  );
}

/** Whoever can change the keys on their way here can sign what they like. */
function readJwksUrl(text: string): string {
  const { protocol, hostname, username, password } = URL.parse(text) ?? {};
  const isHttp = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname!));
  if (isHttp && !username && !password) return text;
  throw new Error(
    'is not an https: URL without a user; give that of a JSON Web Key Set, such as https://auth.example.com/.well-known/jwks.json (http: on this machine only)',
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function readRoles(text: string): Set<Role> {
  return new Set(
    parseList(text).map((name) => {
      const role = ROLES.find((known) => known === name);
      if (role === undefined) throw new Error(`names ${quote(name)}, which is no role; give api, dispatcher or both`);
      return role;
    }),
  );
}

function readSecretKeys(text: string): Secret<SecretKey[]> {
  try {
    return new Secret(parseSecretKeys(text));
  } catch (error) {
    throw new Error(`cannot be used: ${(error as Error).message}; give id:base64key,…, each key 32 bytes`);
  }
}

function readCertificatePath(text: string): string {
  const path = resolve(text);
  try {
    new X509Certificate(readFileSync(path, 'utf8'));
    return path;
  } catch {
    // Missing, forbidden or something else: the advice is the same.
  }
  throw new Error(`names ${quote(path)}, which is not a certificate that can be read; give the path of a PEM file`);
}

function readSignatureHeader(text: string): string {
  if (!isHeaderName(text) || text.length > 100) {
    throw new Error(`${quote(text)} is not the name of an HTTP header; give one such as X-Example-Signature`);
  }
  if (isReservedHeader(text)) throw new Error(`${quote(text)} is taken; give a name such as X-Example-Signature`);
  return text;
}
