import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables of events, endpoints, deliveries and attempts, and who may see them. */
export class Foundation1795392000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table webhooks.api_keys (
        account_id text not null,
        id uuid not null,
        key_hash bytea not null,
        hint text not null,
        created_at timestamptz(3) not null,
        constraint api_keys_pkey primary key (account_id, id),
        constraint api_keys_key_hash_unique unique (key_hash)
      );

      create table webhooks.endpoints (
        account_id text not null,
        id uuid not null,
        url text not null,
        description text,
        all_events boolean not null,
        event_types text[] not null,
        encrypted_signing_secret text not null,
        encrypted_previous_signing_secret text,
        previous_secret_expires_at timestamptz(3),
        signing_secret_hint text not null,
        version integer not null,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        disabled_at timestamptz(3),
        deleted_at timestamptz(3),
        constraint endpoints_pkey primary key (account_id, id),
        constraint endpoints_url_length check (char_length(url) <= 2048),
        constraint endpoints_subscribe_to_all_or_some check (all_events = (cardinality(event_types) = 0)),
        constraint endpoints_previous_secret_expires
          check ((encrypted_previous_signing_secret is null) = (previous_secret_expires_at is null))
      );

      -- What attempts change about an endpoint. No row means that nothing ever failed.
      create table webhooks.endpoint_health (
        account_id text not null,
        endpoint_id uuid not null,
        consecutive_failures integer not null,
        failing_since timestamptz(3),
        exhausted_at timestamptz(3),
        constraint endpoint_health_pkey primary key (account_id, endpoint_id),
        constraint endpoint_health_failures_not_negative check (consecutive_failures >= 0)
      ) with (fillfactor = 70);

      -- Five-minute buckets. Charts, rates and percentiles cost the same at a million deliveries as at ten.
      create table webhooks.endpoint_stats (
        account_id text not null,
        endpoint_id uuid not null,
        bucket_at timestamptz(3) not null,
        succeeded integer not null,
        failed integer not null,
        response_count integer not null,
        response_time_ms_sum bigint not null,
        response_time_histogram integer[] not null,
        last_attempt_at timestamptz(3),
        last_delivery_id uuid,
        constraint endpoint_stats_pkey primary key (account_id, endpoint_id, bucket_at)
      ) with (fillfactor = 70);
      create index endpoint_stats_by_age on webhooks.endpoint_stats using brin (bucket_at);

      -- Adds two histograms of response times, bin by bin.
      create function webhooks.add_histograms(a integer[], b integer[]) returns integer[]
        language sql immutable parallel safe
        return (select coalesce(array_agg(coalesce(x, 0) + coalesce(y, 0) order by bin), '{}')
                from unnest(a, b) with ordinality as bins (x, y, bin));

      create table webhooks.idempotency_keys (
        account_id text not null,
        key text not null,
        content_hash bytea not null,
        event_id uuid not null,
        created_at timestamptz(3) not null,
        constraint idempotency_keys_pkey primary key (account_id, key)
      );
      create index idempotency_keys_by_age on webhooks.idempotency_keys using brin (created_at);

      create table webhooks.events (
        account_id text not null,
        id uuid not null,
        type text not null,
        body text not null,
        livemode boolean not null,
        idempotency_key text,
        created_at timestamptz(3) not null,
        constraint events_pkey primary key (account_id, id)
      ) partition by range (id);
      create index events_by_type on webhooks.events (account_id, type, id);

      create table webhooks.deliveries (
        account_id text not null,
        id uuid not null,
        event_id uuid not null,
        event_type text not null,
        endpoint_id uuid not null,
        livemode boolean not null,
        status text not null,
        attempt_count integer not null,
        scheduled_attempt_count integer not null,
        next_attempt_at timestamptz(3),
        job_id uuid,
        job_trigger text,
        version integer not null,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        completed_at timestamptz(3),
        constraint deliveries_pkey primary key (account_id, id),
        constraint deliveries_status_known
          check (status in ('PENDING', 'RETRYING', 'HELD', 'SUCCEEDED', 'FAILED')),
        constraint deliveries_due_while_open
          check ((status in ('SUCCEEDED', 'FAILED')) = (next_attempt_at is null)),
        constraint deliveries_completed_when_final
          check ((status in ('SUCCEEDED', 'FAILED')) = (completed_at is not null)),
        constraint deliveries_job_has_trigger
          check ((job_id is null) = (job_trigger is null)),
        constraint deliveries_trigger_known
          check (job_trigger in ('SCHEDULED', 'MANUAL', 'TEST')),
        constraint deliveries_held_without_job
          check (status <> 'HELD' or job_id is null),
        constraint deliveries_attempts_counted
          check (scheduled_attempt_count between 0 and attempt_count)
      ) partition by range (id);
      create index deliveries_by_endpoint on webhooks.deliveries (account_id, endpoint_id, id);
      create index deliveries_by_event on webhooks.deliveries (account_id, event_id, id);
      create index deliveries_by_status on webhooks.deliveries (account_id, status, id) where status <> 'SUCCEEDED';
      -- Due, but not in the queue: what topping up takes, oldest first.
      create index deliveries_waiting on webhooks.deliveries (account_id, endpoint_id, next_attempt_at, id)
        where job_id is null and status in ('PENDING', 'RETRYING');
      -- In the queue: how full an endpoint's window is, and whose job is gone.
      create index deliveries_queued on webhooks.deliveries (account_id, endpoint_id, job_id) where job_id is not null;

      create table webhooks.attempts (
        account_id text not null,
        delivery_id uuid not null,
        number integer not null,
        id uuid not null,
        trigger text not null,
        outcome text not null,
        request_headers json not null,
        response_status_code integer,
        response_headers json not null,
        response_body text,
        response_body_truncated boolean not null,
        response_time_ms integer not null,
        error text,
        started_at timestamptz(3) not null,
        constraint attempts_pkey primary key (account_id, delivery_id, number),
        constraint attempts_numbered_from_one check (number >= 1),
        constraint attempts_trigger_known check (trigger in ('SCHEDULED', 'MANUAL', 'TEST')),
        constraint attempts_response_or_error check ((response_status_code is null) = (error is not null))
      ) partition by range (delivery_id);
      create index attempts_by_id on webhooks.attempts (account_id, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table webhooks.attempts, webhooks.deliveries, webhooks.events, webhooks.idempotency_keys,
                 webhooks.endpoint_stats, webhooks.endpoint_health, webhooks.endpoints, webhooks.api_keys;
      drop function webhooks.add_histograms;
    `);
  }
}
