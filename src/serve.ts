import { createFirstApiKey } from './access/first-api-key.js';
import { type Access, openAccess } from './access/open-access.js';
import { OperationGate } from './api/prepare-operation.js';
import { RateLimiter } from './api/rate-limiter.js';
import { createRequireScopes } from './api/required-scopes.js';
import { buildSchema } from './api/schema.js';
import { Turns } from './api/turns.js';
import type { Config } from './config/config.js';
import { EndpointWindow } from './deliveries/endpoint-window.js';
import { type OpenDispatcherOptions, openDispatcher } from './dispatch/open-dispatcher.js';
import { EndpointManager } from './endpoints/manage-endpoints.js';
import { SecretCipher } from './endpoints/secret-cipher.js';
import { entities } from './entities.js';
import { CatalogCopy } from './events/catalog-copy.js';
import { EventTypeManager } from './events/manage-event-types.js';
import { every } from './every.js';
import { createDashboard } from './http/dashboard-files.js';
import { createGraphqlHttp } from './http/graphql-http.js';
import { createGraphqlSocket } from './http/graphql-socket.js';
import { startHttpServer } from './http/http-server.js';
import { createIsAllowedOrigin } from './http/origins.js';
import { openReadiness } from './http/readiness.js';
import { type Live, openFeed } from './live/open-feed.js';
import type { Log } from './log.js';
import { Metrics } from './metrics.js';
import { openMonitoring } from './monitoring/open-monitoring.js';
import { watchLive } from './monitoring/watch-live.js';
import { EventPublisher } from './publishing/publish-events.js';
import { type Clock, DatabaseClock } from './storage/clock.js';
import { Database, HOT_SETTINGS } from './storage/database.js';
import { Doorbell } from './storage/doorbell.js';
import { startEmbeddedPostgres } from './storage/embedded-postgres.js';
import { migrate } from './storage/migrate.js';
import { Queue } from './storage/queue.js';
import { loadOrCreateSecretKeys } from './storage/secret-keys.js';
import { openTracing } from './tracing/open-tracing.js';
import { VERSION } from './version.js';

const NAME = 'revkeen-webhooks';
const USER_AGENT = `RevKeen-Webhooks/${VERSION}`;

const KEEP_TIME_MS = 3_000;

export interface ServeOptions {
  config: Config;
  log: Log;
  clock?: Clock;
  /** Told when the embedded PostgreSQL ends by itself: the service cannot go on without it. */
  onDatabaseExit?: (detail: string) => void;
}

/** A running service: one process, with the parts that its roles ask for. */
export interface Service {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Such as `http://127.0.0.1:9464/metrics`; null without a port for them. */
  readonly metricsUrl: string | null;
  /** The API key of the first start; null later, and when keys are configured. */
  readonly firstApiKey: string | null;
  /** Finishes and records what is in flight, then closes everything. */
  stop(): Promise<void>;
}

/** Opens what the roles need; closes it in reverse, also when opening fails halfway. */
export async function serve(options: ServeOptions): Promise<Service> {
  const opened = new AsyncDisposableStack();
  try {
    const { http, firstApiKey, metricsUrl } = await open(options, opened);
    return { url: http.url, metricsUrl, firstApiKey, stop: () => opened.disposeAsync() };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function open(
  { config, log, clock = new DatabaseClock(), onDatabaseExit = () => {} }: ServeOptions,
  opened: AsyncDisposableStack,
) {
  let isOver = false;
  const onConnectionLost = (error: Error) => {
    if (!isOver) log.warn({ err: error }, 'database connection lost');
  };
  // Closes last, when all that is to be told is known.
  const tracing = await openTracing(config.tracing, log, opened);
  const url = await openPostgres(config, onDatabaseExit, opened);
  // A connection takes a moment to go: that the embedded PostgreSQL, which stops next, cuts it off is no news.
  opened.defer(() => {
    isOver = true;
  });
  await migrate({ url, name: NAME, clock });

  const isDispatcher = config.roles.has('dispatcher');
  const isApi = config.roles.has('api');
  const metrics = new Metrics();
  const database = await Database.open({ url, name: NAME, entities, onConnectionLost, metrics });
  opened.defer(() => database.close());
  if (clock instanceof DatabaseClock) await keepTime(clock, database, log, opened);
  const onError = (error: Error) => log.warn({ err: error }, 'queue upkeep failed; it goes on');
  const queue = await Queue.open({ url, name: NAME, clock, onError });
  opened.defer(() => queue.close());
  const doorbell = await Doorbell.open({ url, name: NAME, onConnectionLost });
  opened.defer(() => doorbell.close());
  const window = new EndpointWindow(config.endpointWindow);
  const secretKeys = config.secretKeys?.reveal() ?? (await loadOrCreateSecretKeys(config.dataDir));
  const cipher = new SecretCipher(secretKeys);
  const shared = { queue, doorbell, window, cipher, clock, log, metrics, tracing };

  const dispatcher = isDispatcher
    ? await openDispatcher({ ...shared, config, url, name: NAME, userAgent: USER_AGENT, onConnectionLost }, opened)
    : null;
  if (!isDispatcher) await keepWindowTrue(url, { ...shared, onConnectionLost }, opened);
  const bootstrapKeys = config.bootstrapKeys.reveal();
  const { tokens, maxSocketsPerAccount, host, port, maxRequestBytes, metricsPort } = config;
  const access = isApi
    ? openAccess({ db: database, secretKeys, bootstrapKeys, tokens, maxSocketsPerAccount, clock, log }, opened)
    : null;
  const firstApiKey = access && bootstrapKeys.length === 0 ? await createFirstApiKey(database, access.apiKeys) : null;
  const feedOptions = { url, name: `${NAME} live`, entities, doorbell, log, metrics, onConnectionLost };
  const live = access ? { ...access, ...(await openFeed(feedOptions, opened)) } : null;
  const graphql = live ? await openApi(config, { ...shared, ...live, database }, opened) : null;
  const { isReady, close: closeReadiness } = await openReadiness({ url, name: `${NAME} probe`, onConnectionLost });
  opened.defer(closeReadiness);
  const dashboard = isApi ? createDashboard(config.allowedOrigins) : null;
  const http = await startHttpServer({ host, port, maxRequestBytes, graphql, dashboard, isReady, log });
  // At the same time: neither a slow client nor a slow receiver has to wait for the other.
  opened.defer(async () => void (await Promise.all([http.close(), dispatcher?.stop()])));
  if (metricsPort === undefined) return { http, firstApiKey, metricsUrl: null };
  const watched = { url, name: `${NAME} metrics`, clock, log, metrics, onConnectionLost };
  const { url: metricsUrl } = await openMonitoring({ ...watched, host, port: metricsPort }, opened);
  return { http, firstApiKey, metricsUrl };
}

async function openPostgres(
  { databaseUrl, dataDir }: Config,
  onExit: (detail: string) => void,
  opened: AsyncDisposableStack,
): Promise<string> {
  if (databaseUrl) return databaseUrl.reveal();
  const postgres = await startEmbeddedPostgres({ dataDir, onExit });
  opened.defer(() => postgres.stop());
  return postgres.url;
}

type Shared = Pick<
  OpenDispatcherOptions,
  'queue' | 'doorbell' | 'window' | 'cipher' | 'clock' | 'log' | 'metrics' | 'tracing'
>;

async function openApi(
  config: Config,
  { cipher, authenticate, sessions, ...shared }: Shared & Live & Access & { database: Database },
  opened: AsyncDisposableStack,
) {
  const { database, doorbell, clock, log } = shared;
  const limits = { maxEventBytes: config.maxEventBytes };
  const urlPolicy = { allowHttp: config.allowHttp, allowedCidrs: config.allowedAddresses };
  const { signatureHeader } = config;
  const catalog = await CatalogCopy.open({ database, doorbell, log });
  opened.defer(() => catalog.close());
  const schema = buildSchema();
  const gate = new OperationGate({
    schema,
    introspection: config.introspection,
    rateLimiter: new RateLimiter({ unitsPerSecond: config.rateLimit }),
    requireScopes: createRequireScopes(schema),
  });
  const api = {
    gate,
    services: {
      ...shared,
      catalog,
      limits,
      attemptTimeoutMs: config.attemptTimeoutMs,
      endpoints: new EndpointManager({ database, doorbell, cipher, catalog, urlPolicy, signatureHeader, clock, log }),
      retryScheduleSeconds: config.retryScheduleMs.map((ms) => ms / 1_000),
      signatureHeader,
      selecting: new Turns({ atWork: 3, waitingPerOwner: 10 }),
      publisher: new EventPublisher({ ...shared, catalog, limits }),
      eventTypes: new EventTypeManager({ ...shared, catalog }),
    },
    authenticate,
    sessions,
    isAllowedOrigin: createIsAllowedOrigin(config.allowedOrigins),
    log,
  };
  const { handler, stop } = await createGraphqlHttp({ ...api, schema, maxRequestBytes: config.maxRequestBytes });
  opened.defer(stop);
  const sockets = createGraphqlSocket(api);
  opened.defer(() => sockets.close());
  watchLive(shared.metrics, { feed: shared.feed, sockets });
  return { handler, sockets };
}

/** Sets the clock by the database's, now and every few seconds. */
async function keepTime(
  clock: DatabaseClock,
  database: Database,
  log: Log,
  opened: AsyncDisposableStack,
): Promise<void> {
  const look = async () => {
    const differenceMs = await clock.follow(database);
    if (differenceMs !== 0) log.warn({ differenceMs }, 'this process told another time than the database; set by it');
  };
  await look();
  const looking = every(KEEP_TIME_MS, look, (error) => log.warn({ err: error }, "could not read the database's clock"));
  opened.defer(() => looking.stop());
}

/** Dispatchers correct the window as they sweep; a process that only publishes looks for itself. */
async function keepWindowTrue(
  url: string,
  { window, clock, log, metrics, onConnectionLost }: Shared & { onConnectionLost: (error: Error) => void },
  opened: AsyncDisposableStack,
): Promise<void> {
  const name = `${NAME} window`;
  const database = await Database.open({ url, name, poolSize: 1, settings: HOT_SETTINGS, onConnectionLost, metrics });
  opened.defer(() => database.close());
  const look = async () => void (await window.observe(database, new Date(clock.now())));
  // As long as it takes an endpoint for waiting, all that it publishes to it has to wait as well.
  const glance = () => (window.hasWaiting ? look() : window.recountFull(database, new Date(clock.now())));
  const onError = (error: unknown) => log.warn({ err: error }, 'could not look at the queue; trying again');
  const looking = [every(1_000, look, onError), every(100, glance, onError)];
  opened.defer(async () => void (await Promise.all(looking.map((one) => one.stop()))));
}
