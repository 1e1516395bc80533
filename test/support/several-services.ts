import { readConfig } from '../../src/config/config.js';
import { createLog } from '../../src/log.js';
import { serve } from '../../src/serve.js';
import { ApiClient } from './api.js';
import { createDatabase, type TestDatabase } from './database.js';
import { type Receiver, startReceiver } from './receiver.js';
import { API_KEY, testEnvironment } from './service.js';

/** Services on one database. They share nothing else, so each might as well be a process of its own. */
export interface SeveralServices extends AsyncDisposable {
  /** One per service. */
  urls: string[];
  /** One per service that answers the API. */
  apis: ApiClient[];
  receiver: Receiver;
  database: TestDatabase;
  /** What the services have logged as an error, a line of JSON each. */
  errors: string[];
}

/** Starts a service for each of `roles`, such as `api` or `api,dispatcher`, and a receiver that speaks plain HTTP. */
export async function setUpSeveral({
  roles,
  env = {},
}: {
  roles: readonly string[];
  env?: Record<string, string>;
}): Promise<SeveralServices> {
  const opened = new AsyncDisposableStack();
  try {
    const receiver = opened.adopt(await startReceiver({ tls: false }), (one) => one.close());
    const database = opened.adopt(await createDatabase(), (one) => one.drop());
    const errors: string[] = [];
    const log = createLog({ level: 'error', destination: { write: (line) => void errors.push(line.trim()) } });
    const start = async (role: string) => {
      const environment = { ...testEnvironment(database.url), WEBHOOK_ALLOW_HTTP: 'true', ROLES: role, ...env };
      return opened.adopt(await serve({ config: readConfig(environment), log }), (one) => one.stop());
    };
    const services = await Promise.all(roles.map(start));
    const apis = services
      .filter((_, index) => roles[index]!.split(',').includes('api'))
      .map(({ url }) => new ApiClient(url, API_KEY));
    const closing = opened.move();
    const urls = services.map(({ url }) => url);
    return { urls, apis, receiver, database, errors, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  } finally {
    await opened.disposeAsync();
  }
}
