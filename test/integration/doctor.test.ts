import { Writable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { runDoctor } from '../../src/doctor/doctor.js';
import { systemClock } from '../../src/storage/clock.js';
import { migrate } from '../../src/storage/migrate.js';
import { createEmptyDatabase } from '../support/database.js';
import { pretendToBeOld } from '../support/old-server.js';
import { setUp, testEnvironment } from '../support/service.js';

/** What the doctor prints, and whether it finds the service healthy. */
async function examine(env: NodeJS.ProcessEnv): Promise<{ isHealthy: boolean; text: string }> {
  let text = '';
  const output = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const isHealthy = await runDoctor({ env, output });
  return { isHealthy, text };
}

it('finds nothing wrong with a service that works, and everything that is, with what to do', async () => {
  await using setup = await setUp();
  const { api, receiver, database } = setup;
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  const env = testEnvironment(database.url);

  const healthy = await examine(env);
  expect(healthy.text).toMatch(/^✓ configuration/);
  expect(healthy.text.split('\n').filter((line) => /^[!✗]/.test(line) && !/durability/.test(line))).toEqual([]);
  expect(healthy.text).toMatch(/✓ secret keys/);
  expect(healthy.isHealthy).toBe(true);

  const otherKey = `other:${Buffer.alloc(32, 8).toString('base64')}`;
  const lost = await examine({ ...env, SECRET_KEYS: otherKey });
  expect(lost.isHealthy).toBe(false);
  expect(lost.text).toMatch(/✗ secret keys: .*"test" \(1\)\n {4}Their endpoints get nothing until/);
  const rotated = await examine({ ...env, SECRET_KEYS: `${otherKey},${env.SECRET_KEYS}` });
  expect(rotated).toMatchObject({
    isHealthy: true,
    text: expect.stringMatching(/! secret keys: 1 secrets.*\n.*rotate-encryption/),
  });
});

it('notices when nobody delivers, and when a day is missing', async () => {
  await using setup = await setUp({ env: { ROLES: 'api' } });
  const { api, receiver, database } = setup;
  const env = testEnvironment(database.url);
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.publishEvent('invoice.paid');
  await database.query(
    `update webhooks_queue.job set start_after = now() - interval '1 hour', created_on = now() - interval '1 hour'`,
  );

  const late = await examine(env);
  expect(late.text).toMatch(
    /! queue: 1 deliveries are due, the oldest for 3\d\d\d s; 0 are held\n {4}Is a dispatcher running/,
  );
  expect(late.isHealthy).toBe(true);

  const [row] = await database.query<{ name: string }>(
    `select max(inhrelid::regclass::text) as name from pg_inherits where inhparent = 'webhooks.deliveries'::regclass`,
  );
  await database.query(`drop table ${row!.name}`);
  const incomplete = await examine(env);
  expect(incomplete.text).toContain(`✗ partitions: 1 days are missing, the first is ${row!.name.slice(-8)}`);
  expect(incomplete.isHealthy).toBe(false);
});

it('says what is wrong with the configuration, and with a database that is not there', async () => {
  const env = testEnvironment('postgresql://nobody@127.0.0.1:1/nothing');
  const unreachable = await examine(env);
  expect(unreachable.text).toMatch(/✗ database: cannot be reached: .*ECONNREFUSED.*\n {4}Check DATABASE_URL/);
  expect(unreachable.isHealthy).toBe(false);

  const misconfigured = await examine({ ...env, PORT: 'http', RETRY_SCHEDULE: 'soon' });
  expect(misconfigured.text.match(/✗ configuration: (PORT|RETRY_SCHEDULE)/g)).toHaveLength(2);
  expect(misconfigured.isHealthy).toBe(false);
});

it('says what is wrong with a database that the service cannot use', async () => {
  await using opened = new AsyncDisposableStack();
  const database = opened.adopt(await createEmptyDatabase(), (one) => one.drop());
  const env = testEnvironment(database.url);

  expect(await examine(env)).toMatchObject({
    isHealthy: false,
    text: expect.stringMatching(/✗ tables: are not there yet\n.*migrate/),
  });
  const name = new URL(database.url).pathname.slice(1);
  await database.query(`alter database ${name} set default_transaction_read_only = on`);
  expect((await examine(env)).text).toMatch(/✗ database: is read-only\n.*primary/);
  await database.query(`alter database ${name} reset default_transaction_read_only`);
  await pretendToBeOld(database);
  expect(await examine(env)).toMatchObject({
    isHealthy: false,
    text: expect.stringMatching(/✗ database: is PostgreSQL 14\.23\n {4}The service needs 15 or newer/),
  });
});

it('goes on where something cannot be looked at, and says what that is', async () => {
  await using opened = new AsyncDisposableStack();
  const database = opened.adopt(await createEmptyDatabase(), (one) => one.drop());
  await migrate({ url: database.url, name: 'test', clock: systemClock });
  await database.query('alter table webhooks.endpoints rename to moved');

  const { text, isHealthy } = await examine(testEnvironment(database.url));

  expect(text).toMatch(/✗ secret keys: could not be checked: .*webhooks\.endpoints.*\n {4}Try again/);
  expect(text).toMatch(/✓ address guard/);
  expect(isHealthy).toBe(false);
});
