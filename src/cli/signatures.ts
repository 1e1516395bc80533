import { createHmac, timingSafeEqual } from 'node:crypto';

/** A request older or newer than this may be somebody's replay. */
const TOLERANCE_SECONDS = 300;

const PRODUCT_HEADER = 'x-revkeen-signature';

export interface SignedRequest {
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The raw body. */
  readonly body: string;
}

/** A signature that a request carries, and whether the secret has made it. */
export interface SignatureCheck {
  readonly header: string;
  readonly isRight: boolean;
}

/**
 * Verifies a request as a customer would, by each of the two signatures that it carries. Answers what is wrong with it;
 * null when both are right.
 *
 * @param secret `whsec_` and base64, as it was displayed
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#verifying-webhook-authenticity
 */
export function faultOf(request: SignedRequest, secret: string, now: Date): string | null {
  if (!isProductSignature(request, PRODUCT_HEADER, secret)) return `${PRODUCT_HEADER} does not match the body`;
  const { 'webhook-timestamp': timestamp } = request.headers;
  const age = Math.abs(now.getTime() / 1_000 - Number(timestamp));
  if (!(age <= TOLERANCE_SECONDS)) return `webhook-timestamp is ${timestamp}, which is not now`;
  return isStandardSignature(request, secret) ? null : 'webhook-signature does not match id, time and body';
}

/**
 * Checks every signature that a request carries, whenever it was made.
 *
 * @param productHeader the name of the product's own signature header, in lower case
 */
export function checkSignatures(
  request: SignedRequest,
  secret: string,
  productHeader: string = PRODUCT_HEADER,
): SignatureCheck[] {
  const products = [productHeader, `${productHeader}-previous`].map((header) => ({
    header,
    isRight: isProductSignature(request, header, secret),
  }));
  const checks = [...products, { header: 'webhook-signature', isRight: isStandardSignature(request, secret) }];
  return checks.filter(({ header }) => request.headers[header] !== undefined);
}

/** `sha256=<hex>`, or `t=<seconds>,v1=<hex>`. */
function isProductSignature({ headers, body }: SignedRequest, header: string, secret: string): boolean {
  const given = headers[header];
  const [, timestamp] = /^t=(\d+),/.exec(String(given)) ?? [];
  const hexOf = (text: string) => createHmac('sha256', secret).update(text).digest('hex');
  return timestamp === undefined
    ? isSame(`sha256=${hexOf(body)}`, given)
    : isSame(`t=${timestamp},v1=${hexOf(`${timestamp}.${body}`)}`, given);
}

function isStandardSignature({ headers, body }: SignedRequest, secret: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  const offered = typeof signatures === 'string' ? signatures.split(' ') : [];
  return offered.some((one) => isSame(expected, one));
}

function isSame(expected: string, given: unknown): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(typeof given === 'string' ? given : '')];
  return one.length === other.length && timingSafeEqual(one, other);
}
