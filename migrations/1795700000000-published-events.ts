import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Published events in the feed of what changed. */
export class PublishedEvents1795700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- It allows more than the one before it: what is there need not be looked at.
      alter table webhooks.changes
        drop constraint changes_subject_known,
        add constraint changes_subject_known check (subject in ('delivery', 'endpoint', 'bulk_retry', 'event')) not valid;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      delete from webhooks.changes where subject = 'event';
      alter table webhooks.changes
        drop constraint changes_subject_known,
        add constraint changes_subject_known check (subject in ('delivery', 'endpoint', 'bulk_retry'));
    `);
  }
}
