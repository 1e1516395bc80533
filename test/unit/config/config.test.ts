import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from '../../../src/config/config.js';
import { certificateAuthority } from '../../support/certificates.js';

const KEY = Buffer.alloc(32, 7).toString('base64');

let directory: string;
let caFile: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'revkeen-webhooks-config-'));
  caFile = join(directory, 'ca.pem');
  await writeFile(caFile, (await certificateAuthority()).cert);
});

afterAll(() => rm(directory, { recursive: true }));

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      databaseUrl: undefined,
      dataDir: resolve('data'),
      roles: new Set(['api', 'dispatcher']),
      secretKeys: undefined,
      retryScheduleMs: [60_000, 300_000, 1_800_000, 7_200_000, 86_400_000],
      attemptTimeoutMs: 15_000,
      dispatchConcurrency: 192,
      endpointConcurrency: 64,
      endpointWindow: 256,
      allowHttp: false,
      allowedAddresses: [],
      caFile: undefined,
      signatureHeader: 'X-RevKeen-Signature',
      retentionDays: 30,
      maxEventBytes: 262_144,
      maxRequestBytes: 16_777_216,
      allowedOrigins: [
        'https://sandbox.embed.apollographql.com',
        'https://studio.apollographql.com',
        'https://sandbox.apollo.dev',
      ],
      tokens: null,
      tracing: null,
      maxSocketsPerAccount: 2_000,
      introspection: true,
      rateLimit: 1_000_000,
      logLevel: 'info',
    });
    expect(readConfig({}).bootstrapKeys.reveal()).toEqual([]);
  });

  it('reads every variable', () => {
    const config = readConfig({
      PORT: '0',
      HOST: '::1',
      DATABASE_URL: 'postgres://user:p%40ss@db.example.com:5432/webhooks?sslmode=require',
      DATA_DIR: '/var/lib/webhooks',
      ROLES: 'dispatcher',
      BOOTSTRAP_API_KEY: 'acme=sixteen-letters!',
      SECRET_KEYS: `k2:${KEY},k1:${KEY}`,
      RETRY_SCHEDULE: '10ms,2s',
      ATTEMPT_TIMEOUT: '500ms',
      DISPATCH_CONCURRENCY: '10',
      ENDPOINT_CONCURRENCY: '5',
      ENDPOINT_WINDOW: '1000',
      WEBHOOK_ALLOW_HTTP: '1',
      WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8,::1/128',
      WEBHOOK_CA_FILE: caFile,
      SIGNATURE_HEADER: 'X-Example-Signature',
      RETENTION_DAYS: '7',
      MAX_EVENT_BYTES: '1MiB',
      MAX_REQUEST_BYTES: '2097152',
      JWT_JWKS_URL: 'https://auth.example.com/jwks.json',
      JWT_ISSUER: 'https://auth.example.com',
      JWT_AUDIENCE: 'webhooks',
      JWT_ACCOUNT_CLAIM: 'org',
      JWT_SCOPE_CLAIM: 'scp',
      MAX_SOCKETS_PER_ACCOUNT: '10',
      INTROSPECTION: 'off',
      RATE_LIMIT: '1000',
      LOG_LEVEL: 'debug',
    });

    expect(config).toMatchObject({
      port: 0,
      host: '::1',
      dataDir: resolve('/var/lib/webhooks'),
      roles: new Set(['dispatcher']),
      retryScheduleMs: [10, 2_000],
      attemptTimeoutMs: 500,
      dispatchConcurrency: 10,
      endpointConcurrency: 5,
      endpointWindow: 1_000,
      allowHttp: true,
      allowedAddresses: [expect.anything(), expect.anything()],
      caFile: caFile,
      signatureHeader: 'X-Example-Signature',
      retentionDays: 7,
      maxEventBytes: 1_048_576,
      maxRequestBytes: 2_097_152,
      tokens: {
        jwksUrl: 'https://auth.example.com/jwks.json',
        issuer: 'https://auth.example.com',
        audience: 'webhooks',
        accountClaim: 'org',
        scopeClaim: 'scp',
      },
      maxSocketsPerAccount: 10,
      introspection: false,
      rateLimit: 1_000,
      logLevel: 'debug',
    });
    expect(config.databaseUrl?.reveal()).toMatch(/^postgres:/);
    expect(config.bootstrapKeys.reveal()).toEqual([{ accountId: 'acme', key: 'sixteen-letters!' }]);
    expect(config.secretKeys?.reveal().map(({ id }) => id)).toEqual(['k2', 'k1']);
  });

  it('takes a variable set to nothing for unset, but an empty schedule for no retries, and off for no limit', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '', WEBHOOK_ALLOWED_CIDRS: '' })).toMatchObject({ port: 4000 });
    expect(readConfig({ RETRY_SCHEDULE: '' }).retryScheduleMs).toEqual([]);
    expect(readConfig({ RATE_LIMIT: 'off' }).rateLimit).toBeNull();
  });

  it.each([
    'postgresql://localhost/webhooks',
    'postgres:///webhooks?host=/run/postgresql',
    'postgres://user@/webhooks',
  ])('takes the database at %s', (url) => {
    expect(readConfig({ DATABASE_URL: url, SECRET_KEYS: `k:${KEY}` }).databaseUrl?.reveal()).toBe(url);
  });

  const JWT = { JWT_ISSUER: 'https://auth.example.com', JWT_AUDIENCE: 'webhooks' };

  it.each([
    'https://auth.example.com/.well-known/jwks.json',
    'http://localhost:8080/jwks',
    'http://127.0.0.1/jwks',
    'http://[::1]:1/',
  ])('takes the keys of tokens from %s', (url) => {
    expect(readConfig({ ...JWT, JWT_JWKS_URL: url }).tokens).toEqual({
      jwksUrl: url,
      issuer: JWT.JWT_ISSUER,
      audience: 'webhooks',
      accountClaim: 'account',
      scopeClaim: 'scope',
    });
  });

  it.each([
    'http://auth.example.com/jwks.json',
    'http://127.0.0.1.example.com/',
    'http://localhost.example.com/',
    'https://user:hush@auth.example.com/',
    'file:///etc/jwks.json',
    'auth.example.com',
  ])('does not take the keys of tokens from %s', (url) => {
    expect(faultsOf({ ...JWT, JWT_JWKS_URL: url })).toEqual([
      expect.stringMatching(/^JWT_JWKS_URL is not an https: URL/),
    ]);
  });

  it('takes tokens of a certain issuer for a certain audience only', () => {
    expect(faultsOf({ JWT_JWKS_URL: 'https://auth.example.com/' })).toEqual([
      expect.stringMatching(/^JWT_ISSUER is required with JWT_JWKS_URL;/),
      expect.stringMatching(/^JWT_AUDIENCE is required with JWT_JWKS_URL;/),
    ]);
    expect(faultsOf(JWT)).toEqual([
      expect.stringMatching(/^JWT_ISSUER is set without JWT_JWKS_URL;/),
      expect.stringMatching(/^JWT_AUDIENCE is set without JWT_JWKS_URL;/),
    ]);
  });

  const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

  it.each([
    [COLLECTOR, { sampler: 'parentbased_always_on', ratio: 1, batchDelayMs: 5_000 }],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.example.com/in' }, { ratio: 1 }],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, { ratio: 1 }],
    [
      { ...COLLECTOR, OTEL_TRACES_SAMPLER: 'TraceIdRatio', OTEL_TRACES_SAMPLER_ARG: '.25' },
      { sampler: 'traceidratio', ratio: 0.25 },
    ],
  ])('traces with %j', (env, settings) => {
    expect(readConfig(env).tracing).toMatchObject(settings);
  });

  it.each([
    { OTEL_SERVICE_NAME: 'hooks', OTEL_EXPORTER_OTLP_HEADERS: 'a=b' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    { ...COLLECTOR, OTEL_SDK_DISABLED: 'TRUE' },
    { ...COLLECTOR, OTEL_TRACES_EXPORTER: 'None' },
  ])('does not trace with %j', (env) => {
    expect(readConfig(env).tracing).toBeNull();
  });

  it('reads what holds secrets from files, too', async () => {
    const files = {
      DATABASE_URL: 'postgres://user:hush@db/webhooks',
      SECRET_KEYS: `k:${KEY}`,
      BOOTSTRAP_API_KEY: 'x'.repeat(16),
    };
    const env: Record<string, string> = {};
    for (const [name, value] of Object.entries(files)) {
      env[`${name}_FILE`] = join(directory, name);
      await writeFile(env[`${name}_FILE`]!, `${value}\n`);
    }

    const config = readConfig(env);

    expect(config.databaseUrl?.reveal()).toBe(files.DATABASE_URL);
    expect(config.secretKeys?.reveal()).toMatchObject([{ id: 'k' }]);
    expect(config.bootstrapKeys.reveal()).toEqual([{ accountId: 'default', key: files.BOOTSTRAP_API_KEY }]);
    expect(faultsOf({ ...env, DATABASE_URL: files.DATABASE_URL, SECRET_KEYS_FILE: join(directory, 'none') })).toEqual([
      'DATABASE_URL_FILE is set beside DATABASE_URL; set one of them',
      'SECRET_KEYS_FILE names a file that cannot be read (ENOENT); give one that holds SECRET_KEYS',
    ]);
    await writeFile(join(directory, 'empty'), '\n');
    expect(faultsOf({ BOOTSTRAP_API_KEY_FILE: join(directory, 'empty') })).toEqual([
      'BOOTSTRAP_API_KEY_FILE names a file that is empty; put the value of BOOTSTRAP_API_KEY into it',
    ]);
  });

  it('does not mind what belongs to others', () => {
    expect(() => readConfig({ PATH: '/bin', npm_config_cache: '' })).not.toThrow();
  });

  it('reports every fault at once, a line for each', () => {
    const faults = faultsOf({
      PORT: '80a',
      DATABASE_URL: 'mysql://root:hush@localhost/db',
      ROLES: 'api,worker',
      RETRY_SCHEDULE: '1m,5x',
      WEBHOOK_ALLOW_HTTP: 'maybe',
      WEBHOOK_ALLOWED_CIDRS: 'not-a-range',
      WEBHOOK_CA_FILE: '/not/there.pem',
      LOG_LEVEL: 'loud\n',
    });

    expect(faults).toEqual([
      'PORT "80a" is not a whole number from 0 to 65535; give a TCP port such as 4000, or 0 for a free one',
      expect.stringMatching(/^DATABASE_URL is not the URL of a PostgreSQL database; give one such as/),
      'ROLES names "worker", which is no role; give api, dispatcher or both',
      'RETRY_SCHEDULE "5x" is not a time in ms, s, m, h or d; give waits of 0s to 168h, such as 1m,5m,30m,2h,24h',
      'WEBHOOK_ALLOW_HTTP "maybe" is neither on nor off; give true or false',
      expect.stringMatching(/^WEBHOOK_ALLOWED_CIDRS .*not-a-range/),
      expect.stringMatching(/^WEBHOOK_CA_FILE names "[^"]+", which is not a certificate that can be read/),
      expect.stringMatching(/^LOG_LEVEL is not a level of logging; give one of trace, /),
      expect.stringMatching(/^SECRET_KEYS is required with DATABASE_URL/),
    ]);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '0x10'],
    ['HOST', 'http://localhost'],
    ['DATABASE_URL', 'postgres://user:p@ss:word@host:5432:1/db'],
    ['ROLES', 'api,'],
    ['SECRET_KEYS', `k1:${KEY},k1:${KEY}`],
    ['RETENTION_DAYS', '0'],
    ['DISPATCH_CONCURRENCY', '0'],
    ['ATTEMPT_TIMEOUT', '0s'],
    ['ATTEMPT_TIMEOUT', '2h'],
    ['MAX_EVENT_BYTES', '256kb'],
    ['WEBHOOK_CA_FILE', 'test'],
    ['WEBHOOK_CA_FILE', 'LICENSE'],
    ['SIGNATURE_HEADER', 'X Signature'],
    ['SIGNATURE_HEADER', 'X-Signature:'],
    ['SIGNATURE_HEADER', 'Webhook-Signature'],
    ['SIGNATURE_HEADER', 'content-length'],
    ['MAX_SOCKETS_PER_ACCOUNT', '0'],
    ['INTROSPECTION', 'hidden'],
    ['RATE_LIMIT', '999'],
    ['RATE_LIMIT', 'none'],
    ['ALLOWED_ORIGINS', 'app.example.com'],
    ['ALLOWED_ORIGINS', 'https://app.example.com/dashboard'],
    ['ALLOWED_ORIGINS', 'https://user@app.example.com'],
    ['ALLOWED_ORIGINS', 'https://app.example.com,*'],
    ['ALLOWED_ORIGINS', 'https://*.example.com'],
    ['ALLOWED_ORIGINS', 'null'],
    ['WEBHOOK_ALLOW_HTTP', 'constructor'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', '127.0.0.1:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://user:hush@collector.example.com'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_EXPORTER', 'console'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '10%'],
    ['OTEL_BSP_SCHEDULE_DELAY', '5s'],
  ])('refuses %s=%s', (variable, text) => {
    expect(faultsOf({ [variable]: text, ...(variable === 'DATABASE_URL' && { SECRET_KEYS: `k:${KEY}` }) })).toEqual([
      expect.stringMatching(new RegExp(`^${variable} .*(;|which is not)`)),
    ]);
  });
});

describe('secrets in the configuration', () => {
  it('are not quoted in faults', () => {
    const faults = faultsOf({
      DATABASE_URL: 'postgres://user:hush@host:notaport/db',
      BOOTSTRAP_API_KEY: 'hush',
      SECRET_KEYS: 'k1:hushhushhush',
    });

    expect(faults).toHaveLength(3);
    expect(faults.join()).not.toContain('hush');
  });

  it('do not show when the configuration is logged', () => {
    const config = readConfig({
      DATABASE_URL: 'postgres://user:hush@host/db',
      BOOTSTRAP_API_KEY: 'hush-hush-hush-hush',
      SECRET_KEYS: `hush:${KEY}`,
    });

    expect(JSON.stringify(config)).not.toContain('hush');
    expect(inspect(config, { depth: null, showHidden: true })).not.toContain('hush');
    expect(`${config.databaseUrl} ${config.secretKeys}`).toBe('[secret] [secret]');
  });
});

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message.split('\n')).toEqual(error.faults);
    return error.faults;
  }
}
