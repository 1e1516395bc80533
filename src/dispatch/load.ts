import type { AttemptTrigger } from '../deliveries/attempt.js';
import type { SignatureFormat, StoredHeader } from '../endpoints/endpoint.js';
import type { Executor, Statement } from '../storage/database.js';
import { greatest, least } from '../storage/ids.js';
import type { ClaimedJob } from '../storage/queue.js';

/** Everything that one attempt needs. */
export interface LoadedAttempt {
  job: ClaimedJob;
  trigger: AttemptTrigger;
  /** Attempts recorded so far. */
  attemptCount: number;
  eventId: string;
  eventType: string;
  body: string;
  /** Of publishing the event; null when traces were off then. */
  traceParent: string | null;
  url: string;
  encryptedSigningSecret: string;
  encryptedPreviousSigningSecret: string | null;
  previousSecretExpiresAt: Date | null;
  signatureFormat: SignatureFormat;
  /** The endpoint's own headers, the secret ones encrypted. */
  headers: StoredHeader[];
  /** Null: no limit. */
  rateLimitPerSecond: number | null;
  /** The endpoint's version that the attempt is made for. */
  endpointVersion: number;
  /** Null: the service's own. */
  retryScheduleSeconds: number[] | null;
}

// Row by row with LATERAL, and the day of each: a new day's tables have no statistics, so no plan may depend on them.
const LOAD: Statement = {
  name: 'load_attempts',
  text: `
    select j.job_id as "jobId", d.trigger, d.attempt_count as "attemptCount", d.event_id as "eventId",
           d.event_type as "eventType", e.body, e.trace_parent as "traceParent", p.url,
           p.encrypted_signing_secret as "encryptedSigningSecret",
           p.encrypted_previous_signing_secret as "encryptedPreviousSigningSecret",
           p.previous_secret_expires_at as "previousSecretExpiresAt", p.version as "endpointVersion",
           p.retry_schedule_seconds as "retryScheduleSeconds", p.signature_format as "signatureFormat", p.headers,
           p.rate_limit_per_second as "rateLimitPerSecond"
      from unnest($1::uuid[], $2::text[], $3::uuid[]) as j (job_id, account_id, delivery_id)
     cross join lateral (
       select job_trigger as trigger, attempt_count, event_id, event_type, endpoint_id
         from webhooks.deliveries
        where account_id = j.account_id and id = j.delivery_id and id between $4 and $5 and job_id = j.job_id
       offset 0) d
     cross join lateral (
       select body, trace_parent from webhooks.events where account_id = j.account_id and id = d.event_id offset 0) e
     cross join lateral (
       select url, encrypted_signing_secret, encrypted_previous_signing_secret, previous_secret_expires_at,
              version, retry_schedule_seconds, signature_format, headers, rate_limit_per_second
         from webhooks.endpoints
        where account_id = j.account_id and id = d.endpoint_id and deleted_at is null
          and (disabled_at is null or d.trigger = 'TEST')
       offset 0) p`,
};

/**
 * What the jobs are to send, in one query. A job that does not come back may not start: its delivery has another job
 * by now, or is gone, or the endpoint is disabled.
 */
export async function loadAttempts(db: Executor, jobs: readonly ClaimedJob[]): Promise<LoadedAttempt[]> {
  const deliveryIds = jobs.map(({ deliveryId }) => deliveryId);
  const rows = await db.query<Omit<LoadedAttempt, 'job'> & { jobId: string }>(LOAD, [
    jobs.map(({ id }) => id),
    jobs.map(({ accountId }) => accountId),
    deliveryIds,
    least(deliveryIds),
    greatest(deliveryIds),
  ]);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  return rows.map(({ jobId, ...row }) => ({ ...row, job: byId.get(jobId)! }));
}
