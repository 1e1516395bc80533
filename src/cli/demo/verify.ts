import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request older or newer than this may be somebody's replay. */
const TOLERANCE_SECONDS = 300;

export interface SignedRequest {
  readonly headers: IncomingHttpHeaders;
  /** The raw body. */
  readonly body: string;
}

/**
 * Verifies a request as a customer would, by each of the two signatures that it carries. Answers what is wrong with it;
 * null when both are right.
 *
 * @param secret `whsec_` and base64, as it was displayed
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#verifying-webhook-authenticity
 */
export function faultOf({ headers, body }: SignedRequest, secret: string, now: Date): string | null {
  const product = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  if (!isSame(product, headers['x-revkeen-signature'])) return 'x-revkeen-signature does not match the body';

  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  const age = Math.abs(now.getTime() / 1_000 - Number(timestamp));
  if (!(age <= TOLERANCE_SECONDS)) return `webhook-timestamp is ${timestamp}, which is not now`;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const standard = `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  const offered = typeof signatures === 'string' ? signatures.split(' ') : [];
  return offered.some((one) => isSame(standard, one)) ? null : 'webhook-signature does not match id, time and body';
}

function isSame(expected: string, given: unknown): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(typeof given === 'string' ? given : '')];
  return one.length === other.length && timingSafeEqual(one, other);
}
