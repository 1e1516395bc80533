import { setTimeout as delay } from 'node:timers/promises';
import { type Config, readConfig } from '../config/config.js';
import { createLog, type Log } from '../log.js';
import { type Service, serve } from '../serve.js';
import { VERSION } from '../version.js';
import { CommandError } from './command-error.js';

/** How long a signal waits for a start that is under way. */
const STARTING_PATIENCE_MS = 10_000;

/** Runs the service until a signal, finishes what is in flight, and ends the process. */
export async function runServe(env: NodeJS.ProcessEnv): Promise<void> {
  const config = readConfig(env);
  const log = createLog({ level: config.logLevel, pretty: process.stderr.isTTY });
  insistOnCertificates(env, log);
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
function insistOnCertificates(env: NodeJS.ProcessEnv, log: Log): void {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return;
  delete env.NODE_TLS_REJECT_UNAUTHORIZED;
  log.warn(
    'NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: certificates are always checked; name a CA of your own in WEBHOOK_CA_FILE for receivers, in NODE_EXTRA_CA_CERTS for everything',
  );
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
  throw new CommandError('Stopped before it was ready.');
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
