import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why an endpoint is disabled, and what it holds meanwhile. */
export class Holding1795500100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table webhooks.endpoints add column disabled_reason text;
      update webhooks.endpoints set disabled_reason = 'MANUAL' where disabled_at is not null;
      alter table webhooks.endpoints
        add constraint endpoints_disabled_for_a_reason check ((disabled_at is null) = (disabled_reason is null)),
        add constraint endpoints_disabled_reason_known check (disabled_reason in ('MANUAL', 'FAILING_TOO_LONG', 'GONE'));
      create index endpoints_disabled on webhooks.endpoints (disabled_at)
        where disabled_at is not null and deleted_at is null;

      alter table webhooks.endpoint_health add column last_failed_at timestamptz(3);
      create index endpoint_health_failing on webhooks.endpoint_health (failing_since) where failing_since is not null;

      -- How many deliveries of an endpoint are HELD: kept up by whoever holds or releases some, in the same transaction.
      create table webhooks.endpoint_held (
        account_id text not null,
        endpoint_id uuid not null,
        count integer not null,
        constraint endpoint_held_pkey primary key (account_id, endpoint_id)
      ) with (fillfactor = 50);
      create index endpoint_held_some on webhooks.endpoint_held (account_id, endpoint_id) where count > 0;

      -- A held delivery keeps its job: an attempt in flight when it was held is still the delivery's own.
      alter table webhooks.deliveries drop constraint deliveries_held_without_job;
      create index deliveries_held on webhooks.deliveries (account_id, endpoint_id, next_attempt_at, id)
        where status = 'HELD';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index webhooks.deliveries_held;
      update webhooks.deliveries set job_id = null, job_trigger = null where status = 'HELD' and job_id is not null;
      alter table webhooks.deliveries
        add constraint deliveries_held_without_job check (status <> 'HELD' or job_id is null);
      drop table webhooks.endpoint_held;
      drop index webhooks.endpoint_health_failing;
      alter table webhooks.endpoint_health drop column last_failed_at;
      drop index webhooks.endpoints_disabled;
      alter table webhooks.endpoints drop column disabled_reason;
    `);
  }
}
