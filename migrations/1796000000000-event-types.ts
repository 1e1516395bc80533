import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Types of event that operators register, and built-in ones that they have changed. */
export class EventTypes1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table webhooks.event_types (
        name text primary key,
        category text not null,
        description text not null,
        sample_data json not null,
        data_schema json,
        deprecated_at timestamptz(3),
        deprecation_reason text,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        constraint event_types_say_why_only_when_deprecated check (deprecation_reason is null or deprecated_at is not null)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table webhooks.event_types');
  }
}
