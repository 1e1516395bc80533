import 'reflect-metadata';
import { EndpointWindow } from '../../src/deliveries/endpoint-window.js';
import { Dispatcher } from '../../src/dispatch/dispatcher.js';
import { createAttemptMaker } from '../../src/dispatch/make-attempt.js';
import { Upkeep } from '../../src/dispatch/upkeep.js';
import { SecretCipher } from '../../src/endpoints/secret-cipher.js';
import { createLog } from '../../src/log.js';
import { Metrics } from '../../src/metrics.js';
import { systemClock } from '../../src/storage/clock.js';
import { Database, HOT_SETTINGS } from '../../src/storage/database.js';
import { Doorbell } from '../../src/storage/doorbell.js';
import { Queue } from '../../src/storage/queue.js';
import { SECRET_KEY } from './rig.js';
import type { StubAnswer, StubRequest } from './stub.js';

/** The service's own dispatcher with a transport that answers 200 at once. */
process.on('message', async ({ databaseUrl: url, count, warmUp }: StubRequest) => {
  const name = 'bench';
  const log = createLog({ level: 'warn' });
  const clock = systemClock;
  const database = await Database.open({ url, name, settings: HOT_SETTINGS });
  const leaseDatabase = await Database.open({ url, name, poolSize: 2 });
  const queue = await Queue.open({ url, name, onError: (error) => log.error(error) });
  const doorbell = await Doorbell.open({ url, name, onConnectionLost: (error) => log.error(error) });
  const window = new EndpointWindow(256);
  const cipher = new SecretCipher([{ id: 'bench', key: SECRET_KEY }]);
  const { promise: isDone, resolve: done } = Promise.withResolvers<void>();
  let [sent, startedAt] = [0, 0];
  const poster = {
    async post() {
      sent += 1;
      if (sent === warmUp) startedAt = performance.now();
      if (sent === warmUp + count) done();
      return {
        kind: 'response',
        statusCode: 200,
        headers: [],
        body: '',
        bodyTruncated: false,
        responseTimeMs: 1,
      } as const;
    },
    close() {},
  };
  const upkeep = new Upkeep({
    database,
    queue,
    doorbell,
    window,
    retentionDays: 30,
    autoDisableAfterMs: null,
    clock,
    log,
  });
  const dispatcher = new Dispatcher({
    database,
    leaseDatabase,
    queue,
    doorbell,
    window,
    clock,
    log,
    metrics: new Metrics(),
    retryScheduleMs: [60_000],
    limits: { slots: 192, slotsPerEndpoint: 64 },
    tracing: null,
    makeAttempt: createAttemptMaker({
      poster,
      cipher,
      clock,
      signatureHeader: 'X-RevKeen-Signature',
      userAgent: 'RevKeen-Webhooks/0.0.0',
    }),
  });
  await isDone;
  // Until the last is on record.
  await dispatcher.stop();
  const perSecond = (count * 1_000) / (performance.now() - startedAt);
  await upkeep.stop();
  for (const one of [doorbell, queue, leaseDatabase, database]) await one.close();
  process.send!({ perSecond } satisfies StubAnswer);
});
process.on('disconnect', () => process.exit());
