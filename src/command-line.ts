import { Command } from 'commander';
import { furtherHelp } from './cli/environment.js';
import { explanationOf } from './cli/explain-error.js';
import { addKeys } from './cli/keys.js';
import { addListen } from './cli/listen.js';
import { addReceive } from './cli/receive.js';
import { addTrigger } from './cli/trigger.js';
import { untilStopped } from './cli/until-stopped.js';
import { addVerify } from './cli/verify.js';
import { VERSION } from './version.js';

/**
 * Runs the command that the arguments name. What a command needs is loaded when it runs: help, and a command for a person
 * who waits, have no use for the whole service.
 */
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
    .action(async () => (await import('./cli/serve.js')).runServe(process.env));
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
    .action(async () => (await import('./cli/migrate.js')).runMigrate(process.env));
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
    .action(examine);
  program
    .command('schema')
    .description('print the GraphQL schema')
    .addHelpText(
      'after',
      furtherHelp({ examples: { 'revkeen-webhooks schema > schema.graphql': 'for a generator of clients' } }),
    )
    .action(async () => void process.stdout.write((await import('./api/schema.js')).printApi()));
}

async function showDemo(): Promise<void> {
  const { runDemo } = await import('./cli/demo.js');
  const { stdout, env } = process;
  const stopping = untilStopped();
  // Nobody reads any more, as behind `head`.
  stdout.on('error', () => stopping.abort());
  const isRich = stdout.isTTY && env.TERM !== 'dumb' && !env.NO_COLOR;
  await runDemo({ output: stdout, isRich, signal: stopping.signal });
}

async function examine(): Promise<void> {
  const { runDoctor } = await import('./doctor/doctor.js');
  const { stdout, env } = process;
  const isHealthy = await runDoctor({ env, output: stdout, isRich: stdout.isTTY && !env.NO_COLOR });
  process.exitCode = isHealthy ? 0 : 1;
}

/** What a person can put right is told in a line; anything else comes with its stack. */
function explainAndExit(error: unknown): never {
  console.error(explanationOf(error) ?? error);
  process.exit(1);
}
