import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys with a name, scopes, an end, and a hash that this service alone can make. */
export class ApiKeys1795600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The keys that exist had no limits, and go on without any.
      alter table webhooks.api_keys
        add column name text not null default 'Made before keys had names',
        add column scopes text[] not null default array[
          'endpoints:read', 'endpoints:write', 'events:read', 'events:write', 'deliveries:read', 'deliveries:write',
          'secrets:read', 'keys:admin', 'catalog:admin'],
        add column pepper_id text,
        add column expires_at timestamptz(3),
        add column last_used_at timestamptz(3),
        add column revoked_at timestamptz(3),
        add constraint api_keys_allow_something check (cardinality(scopes) > 0);
      alter table webhooks.api_keys
        alter column name drop default,
        alter column scopes drop default;
      comment on column webhooks.api_keys.pepper_id is
        'Which of SECRET_KEYS the pepper of key_hash is derived from; null for the plain SHA-256 of earlier versions';
    `);
  }

  /** Takes away with the limits the keys that had any: without them, they would be worth more than they were given for. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      delete from webhooks.api_keys where pepper_id is not null or revoked_at is not null;
      alter table webhooks.api_keys
        drop constraint api_keys_allow_something,
        drop column name,
        drop column scopes,
        drop column pepper_id,
        drop column expires_at,
        drop column last_used_at,
        drop column revoked_at;
    `);
  }
}
