import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What failed for an endpoint, without looking through all that succeeded. Few deliveries fail, so it costs next to nothing. */
export class FailedDeliveries1795500400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create index deliveries_failed on webhooks.deliveries (account_id, endpoint_id, id) where status = 'FAILED'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index webhooks.deliveries_failed');
  }
}
