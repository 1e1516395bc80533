import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Retrying many deliveries in the background. */
export class BulkRetries1795500300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table webhooks.bulk_retries (
        account_id text not null,
        id uuid not null,
        status text not null,
        total integer not null,
        queued integer not null,
        created_at timestamptz(3) not null,
        completed_at timestamptz(3),
        constraint bulk_retries_pkey primary key (account_id, id),
        constraint bulk_retries_status_known check (status in ('RUNNING', 'COMPLETED', 'CANCELED')),
        constraint bulk_retries_completed_when_over check ((status = 'RUNNING') = (completed_at is null)),
        constraint bulk_retries_queued_within_total check (queued between 0 and total)
      ) with (fillfactor = 70);

      -- What matched at the start and was not dealt with yet, endpoint by endpoint: a slow one keeps no other waiting.
      create table webhooks.bulk_retry_chunks (
        account_id text not null,
        bulk_retry_id uuid not null,
        endpoint_id uuid not null,
        number integer not null,
        delivery_ids uuid[] not null,
        constraint bulk_retry_chunks_pkey primary key (account_id, bulk_retry_id, endpoint_id, number)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table webhooks.bulk_retry_chunks, webhooks.bulk_retries');
  }
}
