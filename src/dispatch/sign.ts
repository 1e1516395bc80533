import { createHmac } from 'node:crypto';
import type { MessageHeader } from '../endpoints/http-header.js';
import { isReservedHeader } from '../endpoints/reserved-headers.js';
import { signingKeysOf } from './signing-keys.js';

/** Everything that the headers of one request say. */
export interface SignableRequest {
  /** The exact text that is sent. */
  readonly body: string;
  /** `evt_…`: the same on every attempt, so that receivers can drop repeats. */
  readonly eventId: string;
  readonly eventType: string;
  /** `dlv_…` */
  readonly deliveryId: string;
  /** Attempts recorded so far, plus one. */
  readonly attemptNumber: number;
  /** `whsec_` and base64, as its owner sees it. */
  readonly signingSecret: string;
  /** The secret before it, while a rotation lasts. */
  readonly previousSigningSecret?: string;
  readonly signatureFormat: 'SHA256' | 'TIMESTAMPED';
  /** The product's own signature header, such as `X-RevKeen-Signature`. */
  readonly signatureHeader: string;
  readonly userAgent: string;
  /** The endpoint's own headers, in clear. Reserved ones are left out: they may have become so since they were given. */
  readonly extraHeaders: readonly MessageHeader[];
  /** When the attempt is made. */
  readonly now: Date;
}

/**
 * The headers of one request, names in lower case, in the order in which they are sent. A receiver can verify it
 * in either of two ways: by the product's own header, or as Standard Webhooks.
 */
export function requestHeaders(request: SignableRequest): MessageHeader[] {
  const timestamp = Math.floor(request.now.getTime() / 1000).toString();
  const signatureHeader = request.signatureHeader.toLowerCase();
  const secrets = [request.signingSecret, request.previousSigningSecret].filter((secret) => secret !== undefined);
  const names = [signatureHeader, `${signatureHeader}-previous`];

  const own: MessageHeader[] = [
    { name: 'content-type', value: 'application/json' },
    { name: 'user-agent', value: request.userAgent },
    ...secrets.map((secret, index) => ({ name: names[index]!, value: productSignature(request, secret, timestamp) })),
    { name: 'x-revkeen-event', value: request.eventType },
    { name: 'x-revkeen-delivery', value: request.deliveryId },
    { name: 'x-revkeen-attempt', value: request.attemptNumber.toString() },
    { name: 'webhook-id', value: request.eventId },
    { name: 'webhook-timestamp', value: timestamp },
    {
      name: 'webhook-signature',
      value: secrets.map((secret) => standardSignature(request, secret, timestamp)).join(' '),
    },
  ];
  const extra = request.extraHeaders
    .filter(({ name }) => !isReservedHeader(name, signatureHeader))
    .map((header) => ({ ...header, name: header.name.toLowerCase() }));
  return [...own, ...extra];
}

/** The product's own signature, keyed with the secret as displayed: `sha256=<hex>`, or `t=<seconds>,v1=<hex>`. */
function productSignature({ signatureFormat, body }: SignableRequest, secret: string, timestamp: string): string {
  const { product } = signingKeysOf(secret);
  switch (signatureFormat) {
    case 'SHA256':
      return `sha256=${createHmac('sha256', product).update(body).digest('hex')}`;
    case 'TIMESTAMPED':
      return `t=${timestamp},v1=${createHmac('sha256', product).update(`${timestamp}.${body}`).digest('hex')}`;
  }
}

/**
 * One signature of Standard Webhooks, keyed with what the part after `whsec_` decodes to.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */
function standardSignature({ eventId, body }: SignableRequest, secret: string, timestamp: string): string {
  const { standard } = signingKeysOf(secret);
  return `v1,${createHmac('sha256', standard).update(`${eventId}.${timestamp}.${body}`).digest('base64')}`;
}
