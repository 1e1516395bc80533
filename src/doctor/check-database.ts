import { DatabaseClock } from '../storage/clock.js';
import { missingDays } from '../storage/partitions.js';
import { LEAST_MAJOR, readServerVersion } from '../storage/server-version.js';
import { type Check, fault, ok, warning } from './finding.js';

/** What one process opens at most, all its pools together. */
const CONNECTIONS_PER_PROCESS = 32;

export const checkServer: Check = {
  about: 'database',
  async look({ database }) {
    const { name, isTooOld } = await readServerVersion(database);
    if (isTooOld) {
      const advice = `The service needs ${LEAST_MAJOR} or newer, and does not start before: upgrade, or point DATABASE_URL to another.`;
      return fault(`is PostgreSQL ${name}`, advice);
    }
    const [row] = await database.query<{ readOnly: boolean }>(
      `select current_setting('transaction_read_only') = 'on' as "readOnly"`,
    );
    if (row!.readOnly) {
      return fault('is read-only', 'Point DATABASE_URL to the primary; a standby cannot take events.');
    }
    return ok(`PostgreSQL ${name} answers and can be written to`);
  },
};

export const checkDurability: Check = {
  about: 'durability',
  async look({ database }) {
    const rows = await database.query<{ name: string }>(
      `select name from pg_settings
        where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting = 'off' order by name`,
    );
    if (rows.length === 0) return ok('what is committed survives a crash of the server');
    const off = rows.map(({ name }) => name).join(', ');
    return warning(`${off}: off`, 'A crash of the server can lose events that were acknowledged. Switch it on.');
  },
};

export const checkConnections: Check = {
  about: 'connections',
  async look({ database }) {
    const [row] = await database.query<{ limit: number; used: number }>(
      `select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as limit,
              (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`,
    );
    const { limit, used } = row!;
    const says = `${used} of ${limit} connections are in use; a process takes up to ${CONNECTIONS_PER_PROCESS}`;
    if (limit - used >= CONNECTIONS_PER_PROCESS) return ok(says);
    return warning(says, 'Raise max_connections before you start another process.');
  },
};

export const checkMigrations: Check = {
  about: 'tables',
  async look({ database }) {
    const [table] = await database.query<{ there: boolean }>(
      `select to_regclass('webhooks.migrations') is not null as there`,
    );
    const advice = 'Run `revkeen-webhooks migrate`, or start the service, which does so.';
    if (!table!.there) return fault('are not there yet', advice);
    const done = await database.query<{ name: string }>('select name from webhooks.migrations');
    const known = new Set(database.dataSource.migrations.map((one) => one.name ?? one.constructor.name));
    const pending = known.size - done.filter(({ name }) => known.has(name)).length;
    const newer = done.filter(({ name }) => !known.has(name));
    if (pending > 0) return fault(`are ${pending} migrations behind`, advice);
    if (newer.length > 0) {
      return warning(
        `have ${newer.length} migrations that this version does not know`,
        'A newer version has been here: fine while you upgrade, otherwise upgrade this one.',
      );
    }
    return ok(`are up to date, ${known.size} migrations`);
  },
};

export const checkClock: Check = {
  about: 'clock',
  async look({ database }) {
    // The first look sets it to this machine's; what it answers is by how much the database's differs.
    const differenceMs = Math.round(await new DatabaseClock().follow(database));
    if (Math.abs(differenceMs) < 1_000) return ok('this machine and the database tell the same time');
    const says = `the database's is ${Math.abs(differenceMs / 1_000).toFixed(1)} s ${differenceMs > 0 ? 'ahead of' : 'behind'} this machine's`;
    return warning(
      says,
      'The service goes by the database; receivers allow five minutes, so set both with NTP and find out which is wrong.',
    );
  },
};

export const checkPartitions: Check = {
  about: 'partitions',
  async look({ database }) {
    const missing = await missingDays(database, Date.now());
    if (missing.length === 0) return ok('today and the week ahead stand ready');
    return fault(
      `${missing.length} days are missing, the first is ${missing[0]}`,
      'On such a day nothing can be published. Run `revkeen-webhooks migrate`, then see why dispatchers did not make them: their log says "could not make days".',
    );
  },
};
