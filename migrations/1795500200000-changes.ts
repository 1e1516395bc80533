import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The feed of what changed, from which live updates are read. */
export class Changes1795500200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- A ring of four hours: the slot of the hour to come is emptied ahead of it, so two full hours are there at least.
      create table webhooks.changes (
        account_id text not null,
        xid xid8 not null default pg_current_xact_id(),
        slot integer not null default floor(extract(epoch from statement_timestamp()) / 3600)::bigint % 4,
        subject text not null,
        subject_id uuid not null,
        endpoint_id uuid,
        event_id uuid,
        constraint changes_subject_known check (subject in ('delivery', 'endpoint', 'bulk_retry'))
      ) partition by list (slot);
      create table webhooks.changes_0 partition of webhooks.changes for values in (0);
      create table webhooks.changes_1 partition of webhooks.changes for values in (1);
      create table webhooks.changes_2 partition of webhooks.changes for values in (2);
      create table webhooks.changes_3 partition of webhooks.changes for values in (3);
      create index changes_by_account on webhooks.changes (account_id, xid, subject_id);
      create index changes_by_xid on webhooks.changes (xid);

      -- One row. Cursors carry the id, so that one of another database shows; what was written up to the horizon may
      -- have been forgotten.
      create table webhooks.change_feed (
        id uuid not null default gen_random_uuid(),
        horizon xid8 not null default '0',
        constraint change_feed_pkey primary key (id)
      );
      create unique index change_feed_single on webhooks.change_feed ((true));
      insert into webhooks.change_feed default values;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table webhooks.changes, webhooks.change_feed');
  }
}
