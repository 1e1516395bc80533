import type { Statement, Transaction } from '../storage/database.js';
import type { DeliveryAttempt } from './attempt.js';

const INSERT_ATTEMPTS: Statement = {
  name: 'insert_attempts',
  text: `
    insert into webhooks.attempts
      (account_id, delivery_id, number, id, trigger, outcome, request_headers, response_status_code, response_headers,
       response_body, response_body_truncated, response_time_ms, error, started_at)
    select * from unnest($1::text[], $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::json[], $8::int[],
                         $9::json[], $10::text[], $11::boolean[], $12::int[], $13::text[], $14::timestamptz[])`,
};

export async function insertAttempts(tx: Transaction, attempts: readonly DeliveryAttempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await tx.query(INSERT_ATTEMPTS, [
    attempts.map(({ accountId }) => accountId),
    attempts.map(({ deliveryId }) => deliveryId),
    attempts.map(({ number }) => number),
    attempts.map(({ id }) => id),
    attempts.map(({ trigger }) => trigger),
    attempts.map(({ outcome }) => outcome),
    attempts.map(({ requestHeaders }) => JSON.stringify(requestHeaders)),
    attempts.map(({ responseStatusCode }) => responseStatusCode),
    attempts.map(({ responseHeaders }) => JSON.stringify(responseHeaders)),
    attempts.map(({ responseBody }) => responseBody),
    attempts.map(({ responseBodyTruncated }) => responseBodyTruncated),
    attempts.map(({ responseTimeMs }) => responseTimeMs),
    attempts.map(({ error }) => error),
    attempts.map(({ startedAt }) => startedAt),
  ]);
}
