import { expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { createLog } from '../../src/log.js';
import { type Service, serve } from '../../src/serve.js';
import { ApiClient } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { API_KEY, testEnvironment } from '../support/service.js';

interface Setup extends AsyncDisposable {
  api: ApiClient;
  database: TestDatabase;
  receiver: Receiver;
  /** Nobody dispatches until this is called, nor after what it answers is. */
  dispatch(): Promise<() => Promise<void>>;
}

async function setUp(env: Record<string, string> = {}): Promise<Setup> {
  const opened = new AsyncDisposableStack();
  try {
    const receiver = opened.adopt(await startReceiver({ tls: false }), (one) => one.close());
    const database = opened.adopt(await createDatabase(), (one) => one.drop());
    const start = async (role: string, stack: AsyncDisposableStack): Promise<Service> => {
      const environment = { ...testEnvironment(database.url), WEBHOOK_ALLOW_HTTP: 'true', ROLES: role, ...env };
      const service = await serve({ config: readConfig(environment), log: createLog({ level: 'silent' }) });
      return stack.adopt(service, (one) => one.stop());
    };
    const { url } = await start('api', opened);
    const closing = opened.move();
    return {
      api: new ApiClient(url, API_KEY),
      receiver,
      database,
      async dispatch() {
        const service = await start('dispatcher', closing);
        return () => service.stop();
      },
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  } finally {
    await opened.disposeAsync();
  }
}

/** What somebody may do to the queue behind the service's back. */
const TAMPERINGS = [
  ['deleted by hand', 'delete from webhooks_queue.job'],
  ['failed by hand', `update webhooks_queue.job set state = 'failed', completed_on = now()`],
  ['cancelled by hand', `update webhooks_queue.job set state = 'cancelled', completed_on = now()`],
  ['completed by hand', `update webhooks_queue.job set state = 'completed', completed_on = now()`],
  ['claimed by nobody', `update webhooks_queue.job set state = 'active', started_on = now(), heartbeat_on = now()`],
] as const;

it('delivers, retries and retries by hand whatever was done to the jobs behind its back', async () => {
  const outcomes = await Promise.all(
    TAMPERINGS.map(([done, tamper]) =>
      survive(tamper).then(
        () => `${done}: fine`,
        (error: Error) => `${done}: ${error.message}`,
      ),
    ),
  );
  expect(outcomes).toEqual(TAMPERINGS.map(([done]) => `${done}: fine`));
}, 120_000);

async function survive(tamper: string): Promise<void> {
  await using setup = await setUp({ RETRY_SCHEDULE: '1s' });
  const { api, database, receiver, dispatch } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });

  const event = await api.publishEvent('invoice.paid');
  await database.query(tamper);
  receiver.answer({ status: 500 });
  const stop = await dispatch();
  const failed = await api.deliveryOf(event, ({ attemptCount }) => attemptCount === 1, undefined, PATIENCE_MS);
  expect(failed.status).toBe('RETRYING');
  await database.query(tamper);
  const final = await api.deliveryOf(event, ({ status }) => status === 'FAILED', undefined, PATIENCE_MS);
  expect(final.attempts.map(({ trigger }) => trigger)).toEqual(['SCHEDULED', 'SCHEDULED']);
  await stop();

  receiver.answer({ status: 200 });
  await api.retryDelivery(final.id);
  await database.query(tamper);
  await dispatch();
  const retried = await api.deliveryOf(event, ({ status }) => status === 'SUCCEEDED', undefined, PATIENCE_MS);
  expect(retried.attempts.map(({ trigger }) => trigger)).toEqual(['SCHEDULED', 'SCHEDULED', 'MANUAL']);
  expect(receiver.requests).toHaveLength(3);
}

it("goes on when the database's clock is set back by an hour", async () => {
  await using setup = await setUp({ RETRY_SCHEDULE: '2s' });
  const { api, database, receiver, dispatch } = setup;
  receiver.answer({ status: 500 });
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  await dispatch();
  const event = await api.publishEvent('invoice.paid');
  await api.deliveryOf(event, ({ status }) => status === 'RETRYING');

  // To the queue it is the same when what it has noted lies an hour ahead.
  await database.query(
    `update webhooks_queue.job set created_on = created_on + interval '1 hour',
            start_after = start_after + interval '1 hour'`,
  );
  await database.query(
    `update webhooks_queue.queue set monitor_on = now() + interval '1 hour', monitor_claim_on = now() + interval '1 hour'`,
  );

  const final = await api.deliveryOf(event, ({ status }) => status === 'FAILED', undefined, PATIENCE_MS);
  expect(final.attempts).toHaveLength(2);
  await eventually('the queue looked after again', async () => {
    const [row] = await database.query<{ ok: boolean }>(
      `select monitor_claim_on between now() - interval '1 minute' and now() as ok from webhooks_queue.queue
        where name = 'attempts'`,
    );
    return row!.ok;
  });
}, 60_000);

const PATIENCE_MS = 30_000;
