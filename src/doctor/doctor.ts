import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { type Config, ConfigError, readConfig } from '../config/config.js';
import { Database } from '../storage/database.js';
import { EmbeddedPostgresError, findEmbeddedPostgres, startEmbeddedPostgres } from '../storage/embedded-postgres.js';
import {
  checkClock,
  checkConnections,
  checkDurability,
  checkMigrations,
  checkPartitions,
  checkServer,
} from './check-database.js';
import { checkAddressGuard, checkQueue, checkSecretKeys } from './check-service.js';
import { type Check, type Finding, fault, ok, type Patient, type Verdict } from './finding.js';

/** Of any database; the rest needs the tables. */
const BEFORE_TABLES: readonly Check[] = [checkServer, checkDurability, checkConnections, checkClock, checkMigrations];
const OF_TABLES: readonly Check[] = [checkPartitions, checkQueue, checkSecretKeys, checkAddressGuard];

const NAME = 'revkeen-webhooks doctor';
const ANSWER_WITHIN_MS = 10_000;

export interface DoctorOptions {
  env: NodeJS.ProcessEnv;
  output: Writable;
  /** Colours. */
  isRich?: boolean;
}

/**
 * Examines what a service would run on, by the same configuration, and changes nothing. Prints what it finds and what to
 * do about it, line by line; answers whether there is no fault.
 */
export async function runDoctor({ env, output, isRich = false }: DoctorOptions): Promise<boolean> {
  let isHealthy = true;
  for await (const [about, finding] of examine(env)) {
    output.write(`${print(about, finding, isRich)}\n`);
    if (finding.verdict === 'fault') isHealthy = false;
  }
  return isHealthy;
}

/** What was looked at, and what was found. */
type Line = readonly [about: string, Finding];

async function* examine(env: NodeJS.ProcessEnv): AsyncGenerator<Line> {
  const config = checkConfig(env);
  if (Array.isArray(config)) {
    for (const finding of config) yield ['configuration', finding];
    return;
  }
  yield ['configuration', ok('can be used')];
  await using opened = new AsyncDisposableStack();
  const url = await openDatabase(config, opened);
  if (typeof url !== 'string') {
    yield ['database', url];
    return;
  }
  let database: Database;
  try {
    database = await Database.open({ url, name: NAME, poolSize: 1, answerTimeoutMs: ANSWER_WITHIN_MS });
  } catch (error) {
    const advice = 'Check DATABASE_URL, that PostgreSQL runs, and that it lets this machine in.';
    yield ['database', fault(`cannot be reached: ${messageOf(error)}`, advice)];
    return;
  }
  opened.defer(() => database.close());
  let hasTables = true;
  for (const check of BEFORE_TABLES) {
    const finding = await run(check, { config, database });
    if (check === checkMigrations && finding.verdict === 'fault') hasTables = false;
    yield [check.about, finding];
  }
  if (hasTables) for (const check of OF_TABLES) yield [check.about, await run(check, { config, database })];
}

function checkConfig(env: NodeJS.ProcessEnv): Config | Finding[] {
  try {
    return readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((says) => fault(says, 'Set it as it says; the service does not start before.'));
  }
}

/** The URL of the database, also of an embedded one that a service is using; that of nobody is started for the moment. */
async function openDatabase(config: Config, opened: AsyncDisposableStack): Promise<string | Finding> {
  if (config.databaseUrl) return config.databaseUrl.reveal();
  const running = await findEmbeddedPostgres(config.dataDir);
  if (running) return running;
  if (!existsSync(join(config.dataDir, 'postgres'))) {
    return ok(`there is none in ${config.dataDir} yet; the first start of the service makes it`);
  }
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir });
    opened.defer(() => postgres.stop());
    return postgres.url;
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError)) throw error;
    return fault(error.message, 'Do what it says, or set DATABASE_URL.');
  }
}

async function run(check: Check, patient: Patient): Promise<Finding> {
  try {
    return await check.look(patient);
  } catch (error) {
    return fault(
      `could not be checked: ${messageOf(error)}`,
      'Try again; if it stays so, look at the log of PostgreSQL.',
    );
  }
}

function messageOf(error: unknown): string {
  const { message, code } = (error instanceof AggregateError ? error.errors[0] : error) as Error & { code?: string };
  return message || code || String(error);
}

const MARKS: Record<Verdict, { mark: string; colour: 'green' | 'yellow' | 'red' }> = {
  ok: { mark: '✓', colour: 'green' },
  warning: { mark: '!', colour: 'yellow' },
  fault: { mark: '✗', colour: 'red' },
};

function print(about: string, { verdict, says, advice }: Finding, isRich: boolean): string {
  const { mark, colour } = MARKS[verdict];
  const shown = isRich ? styleText(colour, mark) : mark;
  return `${shown} ${about}: ${says}${advice ? `\n    ${advice}` : ''}`;
}
