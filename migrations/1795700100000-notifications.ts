import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which endpoints have been announced as FAILING, so that their recovery is announced too. */
export class Notifications1795700100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table webhooks.endpoint_health add column failing_noted_at timestamptz(3);
      update webhooks.endpoint_health set failing_noted_at = coalesce(exhausted_at, last_failed_at, now())
       where exhausted_at is not null or consecutive_failures >= 5;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table webhooks.endpoint_health drop column failing_noted_at');
  }
}
