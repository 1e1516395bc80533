import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { findInstalledPostgres, startInstalledPostgres } from '../support/installed-postgres.js';
import { LiveClient } from '../support/live.js';
import { runProgram, startProcess } from '../support/processes.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { API_KEY, testEnvironment, writeCa } from '../support/service.js';

/** The oldest that is supported, where it is installed; the suite as a whole runs on the embedded one. */
const MAJOR = 15;

const programs = findInstalledPostgres(MAJOR);
if (!programs) console.log(`No PostgreSQL ${MAJOR} here, so it was not tried: apt-get install postgresql-${MAJOR}.`);

(programs ? describe : describe.skip)(`on PostgreSQL ${MAJOR} with its own settings`, () => {
  const opened = new AsyncDisposableStack();
  let api: ApiClient;
  let receiver: Receiver;
  let env: Record<string, string>;

  beforeAll(async () => {
    const { url } = opened.use(await startInstalledPostgres({ programs: programs! }));
    receiver = opened.adopt(await startReceiver(), (one) => one.close());
    const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
    env = { ...testEnvironment(url), WEBHOOK_CA_FILE: caFile, RETRY_SCHEDULE: '100ms,100ms' };
    opened.use(await startProcess({ env: { ...env, ROLES: 'dispatcher' } }));
    api = opened.use(await startProcess({ env: { ...env, ROLES: 'api' } })).api(API_KEY);
  }, 60_000);

  afterAll(() => opened.disposeAsync());

  it('has made its tables, and the doctor finds nothing wrong', async () => {
    const { code, stdout } = await runProgram(['doctor'], { env });

    expect(stdout).toMatch(new RegExp(`^✓ database: PostgreSQL ${MAJOR}\\.`, 'm'));
    expect(stdout.split('\n').filter((line) => /^[!✗]/.test(line))).toEqual([]);
    expect(code).toBe(0);
  });

  it('publishes, tries again what fails, delivers it, and tells each step live', async () => {
    receiver.answer((_request, _response, count) => ({ status: count === 1 ? 503 : 200 }));
    await using live = await LiveClient.connect(api);
    const updates = live.subscribe<{ deliveryUpdated: { kind: string; delivery: { status: string } | null } }>(
      'subscription { deliveryUpdated { kind delivery { status } } }',
    );
    await updates.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'READY');
    await api.createEndpoint({ url: receiver.url, allEvents: true });

    const event = await api.publishEvent('invoice.paid', { total: 4900 });
    const delivery = await api.deliveryOf(event);

    expect(delivery.attempts).toMatchObject([{ responseStatusCode: 503 }, { responseStatusCode: 200 }]);
    await updates.until(({ deliveryUpdated }) => deliveryUpdated.delivery?.status === 'SUCCEEDED');
    expect(updates.seen.map(({ deliveryUpdated }) => deliveryUpdated.delivery?.status)).toContain('RETRYING');
  });

  it('holds what is published for a disabled endpoint, and delivers it once that is enabled', async () => {
    receiver.answer({ status: 200 });
    const endpoint = await api.createEndpoint({ url: `${receiver.url}/held`, eventTypes: ['chargeback.opened'] });
    await api.disableEndpoint(endpoint.id);
    const event = await api.publishEvent('chargeback.opened');
    const held = async () => (await api.endpoint(endpoint.id))?.heldCount;
    await eventually('held', async () => (await held()) === 1);

    await api.enableEndpoint(endpoint.id);

    const isOver = async () =>
      (await api.deliveries({ eventId: event.id })).every(({ status }) => status === 'SUCCEEDED');
    await eventually('delivered', isOver);
    expect(await held()).toBe(0);
  });

  it('lets a stored secret be encrypted anew, and keys be made', async () => {
    const keys = `new:${Buffer.alloc(32, 9).toString('base64')},${env.SECRET_KEYS}`;

    const rotated = await runProgram(['keys', 'rotate-encryption'], { env: { ...env, SECRET_KEYS: keys } });
    const made = await runProgram(['keys', 'create', '--name', 'of 15'], { env });

    expect(rotated).toMatchObject({ stdout: expect.stringMatching(/^2 secrets of 2 endpoints encrypted anew/) });
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^rk_live_/) });
  });
});
