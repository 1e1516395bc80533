import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many of the deliveries that a bulk retry has dealt with it passed over. */
export class PassedOver1795900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table webhooks.bulk_retries
        add column passed_over integer not null default 0,
        add constraint bulk_retries_passed_over_within_queued check (passed_over between 0 and queued);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table webhooks.bulk_retries drop column passed_over');
  }
}
