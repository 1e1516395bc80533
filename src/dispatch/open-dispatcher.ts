import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.js';
import type { EndpointWindow } from '../deliveries/endpoint-window.js';
import type { SecretCipher } from '../endpoints/secret-cipher.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { Clock } from '../storage/clock.js';
import { Database, HOT_SETTINGS } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import type { Queue } from '../storage/queue.js';
import type { Tracing } from '../tracing.js';
import { checkBlockList } from './block-list-check.js';
import { Dispatcher } from './dispatcher.js';
import { createGuardedAgents } from './guarded-agent.js';
import { createAttemptMaker } from './make-attempt.js';
import { createPoster } from './post.js';
import { Upkeep } from './upkeep.js';

export interface OpenDispatcherOptions {
  config: Config;
  /** Of the database. */
  url: string;
  /** Shown in `pg_stat_activity`, with what each connection is for. */
  name: string;
  userAgent: string;
  queue: Queue;
  doorbell: Doorbell;
  window: EndpointWindow;
  cipher: SecretCipher;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  tracing: Tracing | null;
  onConnectionLost: (error: Error) => void;
}

/** Renewing is tried again within the time that a lease lasts. */
const LEASE_ANSWER_TIMEOUT_MS = 3_000;

/** Opens a dispatcher and its upkeep, with all that they alone need. They start at once, and close with `opened`. */
export async function openDispatcher(
  { config, url, name, userAgent, cipher, onConnectionLost, ...shared }: OpenDispatcherOptions,
  opened: AsyncDisposableStack,
): Promise<Dispatcher> {
  await checkBlockList();
  const open = async (options: {
    name: string;
    settings?: Record<string, string>;
    poolSize?: number;
    answerTimeoutMs?: number;
  }) => {
    const database = await Database.open({ url, onConnectionLost, metrics: shared.metrics, ...options });
    opened.defer(() => database.close());
    return database;
  };
  const database = await open({ name: `${name} dispatch`, settings: HOT_SETTINGS });
  // Of its own, and impatient: whatever else waits for the database, leases are renewed before they run out.
  const leaseDatabase = await open({
    name: `${name} leases`,
    poolSize: 2,
    answerTimeoutMs: LEASE_ANSWER_TIMEOUT_MS,
  });
  const { retentionDays, autoDisableAfterMs } = config;
  const upkeep = new Upkeep({ ...shared, database, retentionDays, autoDisableAfterMs });
  opened.defer(() => upkeep.stop());
  const ca = config.caFile ? await readFile(config.caFile, 'utf8') : undefined;
  const { allowHttp, allowedAddresses: allowedCidrs } = config;
  const agents = createGuardedAgents({ allowHttp, allowedCidrs, ca });
  const poster = createPoster({ agents, attemptTimeoutMs: config.attemptTimeoutMs, clock: shared.clock });
  opened.defer(() => poster.close());
  const dispatcher = new Dispatcher({
    ...shared,
    database,
    leaseDatabase,
    retryScheduleMs: config.retryScheduleMs,
    limits: { slots: config.dispatchConcurrency, slotsPerEndpoint: config.endpointConcurrency },
    makeAttempt: createAttemptMaker({
      poster,
      cipher,
      clock: shared.clock,
      signatureHeader: config.signatureHeader,
      userAgent,
    }),
  });
  opened.defer(() => dispatcher.stop());
  return dispatcher;
}
