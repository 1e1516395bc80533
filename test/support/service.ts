import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config/config.js';
import { createLog, type Log } from '../../src/log.js';
import { type Service, serve } from '../../src/serve.js';
import type { Clock } from '../../src/storage/clock.js';
import { ApiClient } from './api.js';
import { createDatabase, type TestDatabase } from './database.js';
import { type Receiver, startReceiver } from './receiver.js';

export const API_KEY = 'key-of-the-default-account';
export const OTHER_API_KEY = 'key-of-another-account';

/** What most tests need: a service on a database of its own, a receiver that it trusts, and a client. */
export interface Setup extends AsyncDisposable {
  api: ApiClient;
  /** The API as another account sees it. */
  otherApi: ApiClient;
  receiver: Receiver;
  database: TestDatabase;
  service: Service;
}

export interface SetupOptions {
  /** Environment variables that differ from those of the tests. */
  env?: Record<string, string>;
  clock?: Clock;
  /** Where the service says what it does; standard error, from warnings on, if left out. */
  log?: Log;
  /** Settings of every session in the database. */
  databaseSettings?: Record<string, string>;
}

/** The environment of a service for tests: loopback may be called, and two accounts exist. */
export function testEnvironment(databaseUrl: string): Record<string, string> {
  return {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    BOOTSTRAP_API_KEY: `default=${API_KEY},other=${OTHER_API_KEY}`,
    SECRET_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8',
    LOG_LEVEL: 'warn',
  };
}

/** Starts a service in this process. Closes everything at the end of the scope: `await using setup = await setUp()`. */
export async function setUp({ env = {}, clock, log, databaseSettings }: SetupOptions = {}): Promise<Setup> {
  const opened = new AsyncDisposableStack();
  try {
    const receiver = opened.adopt(await startReceiver(), (one) => one.close());
    const database = opened.adopt(await createDatabase(databaseSettings), (one) => one.drop());
    const config = readConfig({
      ...testEnvironment(database.url),
      WEBHOOK_CA_FILE: opened.adopt(await writeCa(receiver.ca), (file) => rm(file)),
      ...env,
    });
    const options = { config, log: log ?? createLog({ level: config.logLevel }), clock };
    const service = opened.adopt(await serve(options), (one) => one.stop());
    const api = new ApiClient(service.url, API_KEY);
    const otherApi = api.as(OTHER_API_KEY);
    const closing = opened.move();
    return { api, otherApi, receiver, database, service, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  } finally {
    await opened.disposeAsync();
  }
}

/** Writes the receivers' CA to a file, as an operator would. */
export async function writeCa(ca: string): Promise<string> {
  const file = join(tmpdir(), `revkeen-webhooks-ca-${process.pid}-${randomBytes(4).toString('hex')}.pem`);
  await writeFile(file, ca);
  return file;
}
