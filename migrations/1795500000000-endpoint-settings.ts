import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each endpoint may have of its own: signature format, headers, rate limit and retry schedule. */
export class EndpointSettings1795500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table webhooks.endpoints
        add column signature_format text not null default 'SHA256',
        add column headers json not null default '[]',
        add column rate_limit_per_second integer,
        add column retry_schedule_seconds double precision[],
        add constraint endpoints_signature_format_known check (signature_format in ('SHA256', 'TIMESTAMPED')),
        add constraint endpoints_rate_limit_positive check (rate_limit_per_second >= 1);
      alter table webhooks.endpoints alter column signature_format drop default, alter column headers drop default;

      -- When the next attempt to an endpoint with a rate limit may start. A crash may forget it: a second later it is as true as before.
      create unlogged table webhooks.endpoint_pace (
        account_id text not null,
        endpoint_id uuid not null,
        next_at timestamptz not null,
        constraint endpoint_pace_pkey primary key (account_id, endpoint_id)
      ) with (fillfactor = 50);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table webhooks.endpoint_pace;
      alter table webhooks.endpoints
        drop column signature_format, drop column headers, drop column rate_limit_per_second,
        drop column retry_schedule_seconds;
    `);
  }
}
