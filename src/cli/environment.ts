/** An environment variable, as help tells of it. */
export interface VariableHelp {
  name: string;
  meaning: string;
  /** What holds where it is not set. */
  preset?: string;
}

/** Every variable that the service reads, under what it is about. */
export const ENVIRONMENT: Readonly<Record<string, readonly VariableHelp[]>> = {
  'Where it runs': [
    { name: 'PORT', meaning: 'where the API listens; 0 for a free port', preset: '4000' },
    { name: 'HOST', meaning: 'the address it listens on', preset: '127.0.0.1' },
    { name: 'ROLES', meaning: 'which parts this process runs', preset: 'api,dispatcher' },
    { name: 'DATABASE_URL', meaning: 'a PostgreSQL of 15 to 18', preset: 'an embedded one' },
    { name: 'DATABASE_URL_FILE', meaning: 'a file that holds it instead, as orchestrators mount secrets' },
    { name: 'DATA_DIR', meaning: 'the embedded database and generated keys', preset: './data' },
    { name: 'METRICS_PORT', meaning: 'shows metrics to Prometheus there' },
    { name: 'LOG_LEVEL', meaning: 'debug tells of attempts that succeed as well', preset: 'info' },
    { name: 'OTEL_*', meaning: 'traces for a collector of OpenTelemetry: docs/observability.md' },
  ],
  'Who may call': [
    { name: 'BOOTSTRAP_API_KEY', meaning: 'a key of the account default, or account=key,…' },
    { name: 'BOOTSTRAP_API_KEY_FILE', meaning: 'a file that holds it instead' },
    { name: 'SECRET_KEYS', meaning: 'id:base64key,… of 32 bytes each; needed with DATABASE_URL' },
    { name: 'SECRET_KEYS_FILE', meaning: 'a file that holds them instead' },
    { name: 'JWT_JWKS_URL', meaning: 'where the keys of your product’s tokens are' },
    { name: 'JWT_ISSUER', meaning: 'what their iss has to be' },
    { name: 'JWT_AUDIENCE', meaning: 'what their aud has to be' },
    { name: 'JWT_ACCOUNT_CLAIM', meaning: 'the claim that names the account', preset: 'account' },
    { name: 'JWT_SCOPE_CLAIM', meaning: 'the claim that says what is allowed', preset: 'scope' },
    { name: 'ALLOWED_ORIGINS', meaning: 'whose pages may call from a browser, or *' },
    { name: 'INTROSPECTION', meaning: 'off hides the schema', preset: 'on' },
    { name: 'RATE_LIMIT', meaning: 'what one account’s operations may cost a second, or off', preset: '1000000' },
    { name: 'MAX_SOCKETS_PER_ACCOUNT', meaning: 'WebSockets of one account', preset: '2000' },
    { name: 'MAX_EVENT_BYTES', meaning: 'the longest data of an event', preset: '256KiB' },
    { name: 'MAX_REQUEST_BYTES', meaning: 'the longest request', preset: '16MiB' },
  ],
  'How it delivers': [
    { name: 'RETRY_SCHEDULE', meaning: 'waits before attempts 2, 3, …', preset: '1m,5m,30m,2h,24h' },
    { name: 'ATTEMPT_TIMEOUT', meaning: 'how long one attempt may take', preset: '15s' },
    { name: 'AUTO_DISABLE_AFTER', meaning: 'disables an endpoint that only fails for so long, or off', preset: '5d' },
    { name: 'RETENTION_DAYS', meaning: 'how long the log is kept', preset: '30' },
    { name: 'DISPATCH_CONCURRENCY', meaning: 'attempts in flight per process', preset: '192' },
    { name: 'ENDPOINT_CONCURRENCY', meaning: 'attempts in flight to one endpoint, per process', preset: '64' },
    { name: 'ENDPOINT_WINDOW', meaning: 'jobs of one endpoint in the queue', preset: '256' },
    { name: 'SIGNATURE_HEADER', meaning: 'the header of our own signature', preset: 'X-RevKeen-Signature' },
    { name: 'WEBHOOK_ALLOW_HTTP', meaning: 'accepts http: endpoints, for development', preset: 'false' },
    { name: 'WEBHOOK_ALLOWED_CIDRS', meaning: 'may be called although they are not public' },
    { name: 'WEBHOOK_CA_FILE', meaning: 'a further authority for receivers, for development' },
  ],
};

const ALL = Object.values(ENVIRONMENT).flat();

/** What help says below the options: the variables that matter to a command, or all, and how it is used. */
export function furtherHelp({
  variables,
  examples,
}: {
  variables?: readonly string[] | 'all';
  /** A command line, and what it does. */
  examples: Readonly<Record<string, string>>;
}): string {
  const paragraphs: string[] = [];
  if (variables === 'all') {
    for (const [question, some] of Object.entries(ENVIRONMENT)) paragraphs.push(`${question}:\n${list(some)}`);
  } else if (variables) {
    paragraphs.push(`Environment:\n${list(ALL.filter(({ name }) => variables.includes(name)))}`);
  }
  const lines = Object.entries(examples).map(([line, what]) => `  $ ${line}\n      ${what}`);
  paragraphs.push(`Examples:\n${lines.join('\n')}`);
  return `\n${paragraphs.join('\n\n')}`;
}

function list(variables: readonly VariableHelp[]): string {
  const width = Math.max(...variables.map(({ name }) => name.length));
  return variables
    .map(({ name, meaning, preset }) => `  ${name.padEnd(width)}  ${meaning}${preset ? ` (default: ${preset})` : ''}`)
    .join('\n');
}
