import { mkdtemp, readlink, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfig } from '../../config/config.js';
import { createLog } from '../../log.js';
import { type Service, serve } from '../../serve.js';
import { Api } from '../api.js';
import { DemoError } from './demo-error.js';
import { Live } from './live.js';
import { readSamples } from './publish.js';
import { Receiver } from './receiver.js';
import type { Screen } from './screen.js';
import type { Watch } from './watch.js';

/** The waits before attempts 2, 3 and 4, in seconds. */
export const RETRY_SCHEDULE_SECONDS = [1, 2, 3] as const;

/** What acts play with: the service as it is reached from outside, and the customer's server. */
export interface Stage {
  readonly screen: Screen;
  readonly watch: Watch;
  readonly receiver: Receiver;
  readonly api: Api;
  readonly live: Live;
  /** What events of each type carry. */
  readonly samples: ReadonlyMap<string, unknown>;
  /** The paths of the endpoints, such as `/billing`, by id. */
  readonly pathsById: Map<string, string>;
  /** When each event was sent to be published that went out alone and at once, by its id; as `performance.now()`. */
  readonly publishedAtMs: Map<string, number>;
  /** How many events there are by now, test events included. */
  eventCount: number;
}

/** Starts the service and the receiver, on a temporary directory. What it opens is closed with `opened`. */
export async function openStage(screen: Screen, watch: Watch, opened: AsyncDisposableStack): Promise<Stage> {
  const receiver = await Receiver.open({
    onReceipt: () => watch.notice(),
    onForgery: (message) => watch.abandon(new DemoError(message)),
  });
  opened.defer(() => receiver.close());
  const directory = await makeDirectory(opened);
  const service = await startService(directory, receiver, watch);
  opened.defer(() => service.stop());
  watch.signal.throwIfAborted();
  if (!service.firstApiKey) throw new DemoError('the service printed no API key on its first start');
  const api = new Api({ url: service.url, apiKey: service.firstApiKey, signal: watch.signal });
  const live = await Live.open(api, watch);
  opened.defer(() => live.close());
  const samples = await readSamples(api);
  return { screen, watch, receiver, api, live, samples, pathsById: new Map(), publishedAtMs: new Map(), eventCount: 0 };
}

async function makeDirectory(opened: AsyncDisposableStack): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'revkeen-webhooks-demo-'));
  opened.defer(async () => {
    // Run by root, the database may have had to be put elsewhere: then `postgres` is a link to it.
    const database = await readlink(join(directory, 'postgres')).catch(() => null);
    await rm(directory, { recursive: true, force: true });
    if (database === null) return;
    await rm(database, { recursive: true, force: true });
    await rmdir(dirname(database)).catch(() => {});
  });
  return directory;
}

/** The same as `npm start` does, but for what would take too long to watch. The environment has no say in it. */
async function startService(directory: string, receiver: Receiver, watch: Watch): Promise<Service> {
  const caFile = join(directory, 'receiver-ca.pem');
  await writeFile(caFile, receiver.ca);
  const config = readConfig({
    PORT: '0',
    DATA_DIR: directory,
    RETRY_SCHEDULE: RETRY_SCHEDULE_SECONDS.map((seconds) => `${seconds}s`).join(),
    ENDPOINT_CONCURRENCY: '4',
    ENDPOINT_WINDOW: '24',
    WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8',
    WEBHOOK_CA_FILE: caFile,
    LOG_LEVEL: 'error',
  });
  const onDatabaseExit = (detail: string) => watch.abandon(new DemoError(`PostgreSQL has ended by itself: ${detail}`));
  return serve({ config, log: createLog({ level: config.logLevel }), onDatabaseExit });
}
