import type { TestDatabase } from './database.js';

/** From now on the server says in this database that it is PostgreSQL 14.23, to whoever connects. */
export async function pretendToBeOld(database: TestDatabase): Promise<void> {
  await database.query(`
    create schema pretence;
    create function pretence.current_setting(name text) returns text language sql as $$
      select case name when 'server_version' then '14.23' when 'server_version_num' then '140023'
                       else pg_catalog.current_setting(name) end
    $$`);
  const name = new URL(database.url).pathname.slice(1);
  await database.query(`alter database ${name} set search_path = pretence, pg_catalog, public`);
}
