import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findBinaries, prepareBinaries } from '../../src/storage/embedded/binaries.js';
import { openHome } from '../../src/storage/embedded/home.js';
import type { ApiClient } from '../support/api.js';
import { follow, guide, runAsOwner } from '../support/guide.js';
import { findInstalledPostgres, startInstalledPostgres } from '../support/installed-postgres.js';
import { LiveClient } from '../support/live.js';
import { startProcess } from '../support/processes.js';
import { startReceiver } from '../support/receiver.js';
import { API_KEY, testEnvironment, writeCa } from '../support/service.js';

interface Update {
  kind: string;
  cursor: string;
  delivery: { id: string; version: number; event: { id: string } } | null;
}

const SOURCES = join(import.meta.dirname, '../../src');

const programs = process.env.TEST_POSTGRES_BIN ?? findInstalledPostgres(15);
if (!programs) console.log('No pg_dump here, so backups were not tried: apt-get install postgresql-15.');
const hasDumpOf18 = findInstalledPostgres(18) ?? process.env.TEST_POSTGRES_18_BIN;
if (!hasDumpOf18)
  console.log('No pg_dump of 18 here, so moving by dump was not tried: TEST_POSTGRES_18_BIN names one.');

it('has an entry for every alert', async () => {
  const rules = await readFile(join(import.meta.dirname, '../../docs/monitoring/alerts.yml'), 'utf8');
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);

  const entries = [...guide.matchAll(/^### `(Webhooks\w+)`/gm)].map(([, name]) => name);

  expect(entries.sort()).toEqual(alerts.sort());
  expect(alerts.length).toBeGreaterThan(5);
});

it('quotes the log and the doctor as they speak', () => {
  const quoted = [...guide.matchAll(/(?:Log|`doctor`): `([^`]+)`/g)].map(([, text]) => text!.replaceAll(/\s+/g, ' '));
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const said = sources.map((file) => readFileSync(join(SOURCES, file), 'utf8')).join('\n');

  expect(quoted.filter((text) => !said.includes(text))).toEqual([]);
  expect(quoted.length).toBeGreaterThan(5);
});

(programs ? describe : describe.skip)('backup and restore', () => {
  // Yesterday is the moment of the backup: one delivery is on its way then, and one event is published later.
  it('as the guide says: what was open is sent again, what came later is unknown, and live clients query anew', async () => {
    await using opened = new AsyncDisposableStack();
    const directory = await temporaryDirectory(opened);
    const postgres = opened.use(await startInstalledPostgres({ programs: programs! }));
    const receiver = opened.adopt(await startReceiver(), (one) => one.close());
    const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
    const shell = {
      directory,
      programs: programs!,
      env: {
        ...testEnvironment(postgres.url),
        WEBHOOK_CA_FILE: caFile,
        ADMIN_URL: postgres.urlFor('template1'),
        NEW_DATABASE_URL: postgres.urlFor('webhooks_restored'),
      },
    };
    const before = opened.use(await startProcess({ env: { ...shell.env, ROLES: 'api' } }));
    const api = before.api(API_KEY);
    await api.createEndpoint({ url: receiver.url, allEvents: true });
    const open = await api.publishEvent('invoice.paid');
    await follow('backup', shell);
    const dispatcher = opened.use(await startProcess({ env: { ...shell.env, ROLES: 'dispatcher' } }));
    const later = await api.tryToPublish({ type: 'payment.failed', data: {}, idempotencyKey: 'later' });
    await receiver.receive(2);
    const cursor = await lastCursor(api);
    await receiver.receive(3);
    await dispatcher.stop();
    await before.stop();

    expect(await follow('restore', shell)).toMatch(/✓ tables/);

    const env = { ...shell.env, DATABASE_URL: shell.env.NEW_DATABASE_URL };
    const restored = opened.use(await startProcess({ env })).api(API_KEY);
    await restored.deliveryOf(open);
    const requests = receiver.requests.filter(({ headers }) => headers['webhook-id'] === open.id);
    expect(requests).toHaveLength(2);
    expect(requests[1]!.rawBody).toBe(requests[0]!.rawBody);
    expect(await restored.deliveries({ eventId: later.event!.id })).toEqual([]);
    const again = await restored.tryToPublish({ type: 'payment.failed', data: {}, idempotencyKey: 'later' });
    expect(again.event!.id).not.toBe(later.event!.id);
    await expectResync(restored, cursor);
  }, 90_000);
});

describe('moving out of the embedded database', () => {
  it('takes its files to a PostgreSQL 18 of one’s own, where everything goes on', async () => {
    await using opened = new AsyncDisposableStack();
    const { shell, event, cursor, key } = await leaveEmbedded(opened);

    opened.defer(async () => void (await follow('stop the new server', shell)));
    const printed = await follow('move by files', shell);

    expect(printed).toMatch(/✓ secret keys/);
    expect(printed).not.toMatch(/✗/);
    const secretKeys = (await readFile(join(shell.env.DATA_DIR!, 'secret-keys'), 'utf8')).trim();
    const { SOCKETS } = shell.env as { SOCKETS: string };
    const url = `postgresql://postgres@${encodeURIComponent(SOCKETS)}/revkeen_webhooks?sslmode=disable`;
    const env = { PORT: '0', DATABASE_URL: url, SECRET_KEYS: secretKeys, LOG_LEVEL: 'warn' };
    const service = opened.use(await startProcess({ env }));
    const moved = service.api(key);
    expect(await moved.deliveries({ eventId: event.id })).toMatchObject([{ status: 'HELD' }]);
    await expectNoResync(moved, cursor);
    await service.stop();
  }, 90_000);

  (programs && hasDumpOf18 ? it : it.skip)(
    'or by a dump to any other that is supported',
    async () => {
      await using opened = new AsyncDisposableStack();
      const { shell, event, cursor, key } = await leaveEmbedded(opened);
      const postgres = opened.use(await startInstalledPostgres({ programs: programs! }));
      Object.assign(shell.env, {
        ADMIN_URL: postgres.url,
        NEW_DATABASE_URL: postgres.urlFor('webhooks'),
      });

      const printed = await follow('move by dump', { ...shell, programs: hasDumpOf18! });

      expect(printed).toMatch(/✓ secret keys/);
      expect(printed).not.toMatch(/✗/);
      const secretKeys = (await readFile(join(shell.env.DATA_DIR!, 'secret-keys'), 'utf8')).trim();
      const env = { PORT: '0', DATABASE_URL: shell.env.NEW_DATABASE_URL!, SECRET_KEYS: secretKeys, LOG_LEVEL: 'warn' };
      const moved = opened.use(await startProcess({ env })).api(key);
      expect(await moved.deliveries({ eventId: event.id })).toMatchObject([{ status: 'HELD' }]);
      await expectResync(moved, cursor);
    },
    90_000,
  );
});

/** A service on its embedded database that was used and stopped, and a shell beside it. */
async function leaveEmbedded(opened: AsyncDisposableStack) {
  const directory = await temporaryDirectory(opened);
  const dataDir = join(directory, 'data');
  const sockets = await temporaryDirectory(opened);
  await chmod(sockets, 0o777);
  const service = opened.use(await startProcess({ env: { PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn' } }));
  const { apiKey: key } = service;
  const api = service.api();
  const { id } = await api.createEndpoint({ url: 'https://example.com/webhooks', allEvents: true });
  await api.disableEndpoint(id);
  const event = await api.publishEvent('invoice.paid');
  const cursor = await lastCursor(api);
  await service.stop();
  const programs = await prepareBinaries(findBinaries(), await openHome(dataDir));
  runAsOwner(directory, join(programs, 'bin', 'pg_ctl'));
  const env: Record<string, string> = { DATA_DIR: dataDir, PGDATA: join(sockets, 'cluster'), SOCKETS: sockets };
  return { shell: { directory, env }, event, cursor, key };
}

/** What a client that comes with a cursor hears until it is told of an event that is published then. */
async function comeBack(api: ApiClient, after: string | null): Promise<Update[]> {
  await using live = await LiveClient.connect(api);
  const query = `subscription ($after: String) {
    deliveryUpdated(after: $after) { kind cursor delivery { id version event { id } } } }`;
  const messages = live.subscribe<{ deliveryUpdated: Update }>(query, { after });
  await messages.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'READY');
  const { id } = await api.publishEvent('invoice.paid');
  await messages.until(({ deliveryUpdated }) => deliveryUpdated.delivery?.event.id === id);
  return messages.seen.map(({ deliveryUpdated }) => deliveryUpdated);
}

async function lastCursor(api: ApiClient): Promise<string> {
  return (await comeBack(api, null)).at(-1)!.cursor;
}

/** Has to query anew, once; whoever comes then is told of what is new, and of nothing twice. */
async function expectResync(api: ApiClient, cursor: string): Promise<void> {
  const old = await comeBack(api, cursor);
  expect(old.filter(({ kind }) => kind === 'RESYNC_REQUIRED')).toHaveLength(1);
  await expectNoResync(api, old.at(-1)!.cursor);
}

async function expectNoResync(api: ApiClient, cursor: string): Promise<void> {
  const heard = await comeBack(api, cursor);
  expect(heard.map(({ kind }) => kind)).not.toContain('RESYNC_REQUIRED');
  const versions = heard.flatMap(({ delivery }) => (delivery ? [`${delivery.id} ${delivery.version}`] : []));
  expect(versions).toEqual([...new Set(versions)]);
}

async function temporaryDirectory(opened: AsyncDisposableStack): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'revkeen-guide-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o755);
  return directory;
}
