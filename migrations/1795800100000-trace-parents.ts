import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which trace an event belongs to, for the attempts that follow it in other processes and hours later. */
export class TraceParents1795800100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Null, and then takes no room in a row, unless traces are on. Adding it rewrites nothing.
    await runner.query('alter table webhooks.events add column trace_parent text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table webhooks.events drop column trace_parent');
  }
}
