import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the feed's transaction numbers were counted: in another cluster, or before a restore, they mean something else. */
export class FeedOfACluster1795800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table webhooks.change_feed
        add column place text,
        add column former_ids uuid[] not null default '{}';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table webhooks.change_feed drop column place, drop column former_ids');
  }
}
