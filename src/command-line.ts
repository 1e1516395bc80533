import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { printApi } from './api/schema.js';
import { CommandError } from './cli/command-error.js';
import { furtherHelp } from './cli/environment.js';
import { addKeys } from './cli/keys.js';
import { addListen } from './cli/listen.js';
import { addReceive } from './cli/receive.js';
import { addTrigger } from './cli/trigger.js';
import { untilStopped } from './cli/until-stopped.js';
import { addVerify } from './cli/verify.js';
import { type Config, ConfigError, readConfig } from './config.js';
import { BlockListError } from './dispatch/block-list-check.js';
import { ListenError } from './http/listen.js';
import { createLog, type Log } from './log.js';
import { type Service, serve } from './serve.js';
import { systemClock } from './storage/clock.js';
import { EmbeddedPostgresError } from './storage/embedded-postgres.js';
import { migrate } from './storage/migrate.js';
import { OldServerError } from './storage/server-version.js';
import { VERSION } from './version.js';

/** How long a signal waits for a start that is under way. */
const STARTING_PATIENCE_MS = 10_000;

/** It was told to stop while it waited for something. */
class StartError extends Error {
  override readonly name = 'StartError';
}

/** Their messages say what to do. */
const TOLD_IN_A_LINE = [
  ConfigError,
  StartError,
  ListenError,
  EmbeddedPostgresError,
  OldServerError,
  BlockListError,
  CommandError,
];

/** Runs the command that the arguments name. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const program = new Command('revkeen-webhooks')
    .description('Tells customers’ systems what happened, signed, retried and logged in full.')
    .version(VERSION)
    .showHelpAfterError('Commands and options: revkeen-webhooks --help, and --help behind any command.')
    .addHelpText(
      'after',
      furtherHelp({
        examples: {
          'revkeen-webhooks serve': 'everything in one process, on an embedded PostgreSQL',
          'DATABASE_URL=postgres://… SECRET_KEYS=… ROLES=dispatcher revkeen-webhooks serve':
            'one of many processes on a database of your own',
          'revkeen-webhooks serve --help': 'all that can be set in the environment',
        },
      }),
    );
  addService(program);
  addKeys(program);
  addListen(program);
  addReceive(program);
  addTrigger(program);
  addVerify(program);
  addLooking(program);
  await program.parseAsync([...argv]).catch(explainAndExit);
}

/** The service itself, and what belongs to starting it. */
function addService(program: Command): void {
  program
    .command('serve')
    .description(
      'run the service until SIGTERM or SIGINT, which finish what is in flight; configured by the environment',
    )
    .addHelpText(
      'after',
      furtherHelp({
        variables: 'all',
        examples: {
          'PORT=8080 revkeen-webhooks serve': 'listens elsewhere',
          'WEBHOOK_ALLOW_HTTP=true WEBHOOK_ALLOWED_CIDRS=127.0.0.0/8 revkeen-webhooks serve':
            'calls receivers on this machine, for development',
        },
      }),
    )
    .action(runServe);
  program
    .command('demo')
    .description('show all of it at work in under a minute, on a temporary database; needs nothing, leaves nothing')
    .addHelpText(
      'after',
      furtherHelp({ examples: { 'revkeen-webhooks demo': 'ends by itself, with 0 if all came out as promised' } }),
    )
    .action(showDemo);
  program
    .command('migrate')
    .description('bring the database of DATABASE_URL up to date, as every start does; older processes go on meanwhile')
    .addHelpText(
      'after',
      furtherHelp({
        variables: ['DATABASE_URL', 'SECRET_KEYS'],
        examples: {
          'DATABASE_URL=postgres://… SECRET_KEYS=… revkeen-webhooks migrate': 'before a new version is started',
        },
      }),
    )
    .action(runMigrate);
}

/** What looks and changes nothing. */
function addLooking(program: Command): void {
  program
    .command('doctor')
    .description(
      'check configuration, database, clock, partitions, queue and keys, and say what to do; changes nothing, ends with 1 at a fault',
    )
    .addHelpText(
      'after',
      furtherHelp({
        variables: ['DATABASE_URL', 'DATA_DIR', 'SECRET_KEYS'],
        examples: { 'revkeen-webhooks doctor': 'with the environment of the service, also while that runs' },
      }),
    )
    .action(runDoctorAndExit);
  program
    .command('schema')
    .description('print the GraphQL schema')
    .addHelpText(
      'after',
      furtherHelp({ examples: { 'revkeen-webhooks schema > schema.graphql': 'for a generator of clients' } }),
    )
    .action(() => void process.stdout.write(printApi()));
}

async function runServe(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog({ level: config.logLevel, pretty: process.stderr.isTTY });
  insistOnCertificates(log);
  const signalled = firstSignalToStop();
  const onDatabaseExit = (detail: string) => {
    log.fatal({ detail }, 'the embedded PostgreSQL has ended by itself; ending too, so that both are started again');
    process.exit(1);
  };
  const starting = serve({ config, log, onDatabaseExit });
  const service = await Promise.race([starting, signalled.then(giveUpStarting)]);
  console.log(greeting(service, config));
  log.info({ signal: await signalled }, 'stopping: finishing what is in flight');
  await service.stop();
  process.exit(0);
}

/**
 * What somebody once set to get past a certificate would go for receivers, for key sets and for the database alike, and
 * nobody would notice. Node reads the variable anew for each connection.
 */
function insistOnCertificates(log: Log): void {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return;
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  log.warn(
    'NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: certificates are always checked; name a CA of your own in WEBHOOK_CA_FILE for receivers, in NODE_EXTRA_CA_CERTS for everything',
  );
}

async function showDemo(): Promise<void> {
  // Certificates and a client of subscriptions are of no use to a service: only this command loads them.
  const { runDemo } = await import('./cli/demo.js');
  const { stdout, env } = process;
  const stopping = untilStopped();
  // Nobody reads any more, as behind `head`.
  stdout.on('error', () => stopping.abort());
  const isRich = stdout.isTTY && env.TERM !== 'dumb' && !env.NO_COLOR;
  await runDemo({ output: stdout, isRich, signal: stopping.signal });
}

/** Later signals change nothing: npm passes on what the terminal has sent to the service already. */
function firstSignalToStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, resolve);
  });
}

/** A start that is under way may end first, then close in order; but a database may also never answer. */
async function giveUpStarting(): Promise<never> {
  await delay(STARTING_PATIENCE_MS);
  throw new StartError('Stopped before it was ready.');
}

async function runDoctorAndExit(): Promise<void> {
  const { runDoctor } = await import('./doctor/doctor.js');
  const { stdout, env } = process;
  const isHealthy = await runDoctor({ env, output: stdout, isRich: stdout.isTTY && !env.NO_COLOR });
  process.exitCode = isHealthy ? 0 : 1;
}

async function runMigrate(): Promise<void> {
  const { databaseUrl } = readConfig(process.env);
  if (!databaseUrl) {
    throw new ConfigError(['DATABASE_URL is not set; the embedded database is migrated whenever the service starts']);
  }
  await migrate({ url: databaseUrl.reveal(), name: 'revkeen-webhooks migrate', clock: systemClock });
  console.log('The database is up to date.');
}

function greeting({ url, metricsUrl, firstApiKey }: Service, { roles }: Config): string {
  const lines = [`RevKeen Webhooks ${VERSION} is ready (${[...roles].join(', ')}).`];
  if (roles.has('api')) {
    // Browsers keep what follows the # to themselves.
    lines.push(`  Dashboard  ${url}/${firstApiKey ? `#token=${firstApiKey}` : ''}`, `  GraphQL    ${url}/graphql`);
  } else {
    lines.push(`  Probes     ${url}/livez and ${url}/readyz`);
  }
  if (metricsUrl) lines.push(`  Metrics    ${metricsUrl}`);
  if (firstApiKey) {
    lines.push(`  API key    ${firstApiKey}`, '             Keep it: it is stored as a hash, and not shown again.');
  }
  return lines.join('\n');
}

/** What a person can put right is told in a line; anything else comes with its stack. */
function explainAndExit(error: unknown): never {
  console.error(explanationOf(error) ?? error);
  process.exit(1);
}

function explanationOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (TOLD_IN_A_LINE.some((kind) => error instanceof kind)) return error.message;
  // Where a name has several addresses, each has an error of its own, and the whole has no message.
  const { message } = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  if (isDatabaseTrouble(error, message)) {
    return `Cannot use the database: ${message}. Check DATABASE_URL and that PostgreSQL runs.`;
  }
  return 'syscall' in error ? `Cannot start: ${message}` : null;
}

function isDatabaseTrouble(error: Error, message: string): boolean {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  return (
    /^(ECONN|ENOTFOUND|ETIMEDOUT|EAI_)/.test(code) ||
    syscall === 'connect' ||
    /^(08|28|3D|57)/.test(code) ||
    /connection/i.test(message)
  );
}
