import { createHmac } from 'node:crypto';
import { decodeSigningSecret } from '../endpoints/signing-secret.js';
import type { HeaderField } from './outcome.js';

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
  /** The endpoint's own headers. Those that the service sets itself, or that frame the message, are left out. */
  readonly extraHeaders: readonly HeaderField[];
  /** When the attempt is made. */
  readonly now: Date;
}

// These say where one message ends and the next begins, or whom it is for: nobody but the HTTP client may set them.
const FRAMING_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The headers of one request, names in lower case, in the order in which they are sent. A receiver can verify it
 * in either of two ways: by the product's own header, or as Standard Webhooks.
 */
export function requestHeaders(request: SignableRequest): HeaderField[] {
  const timestamp = Math.floor(request.now.getTime() / 1000).toString();
  const signatureHeader = request.signatureHeader.toLowerCase();
  const secrets = [request.signingSecret, request.previousSigningSecret].filter((secret) => secret !== undefined);
  const names = [signatureHeader, `${signatureHeader}-previous`];

  const own: HeaderField[] = [
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
  const taken = new Set([...own.map(({ name }) => name), ...names]);
  const extra = request.extraHeaders
    .map(({ name, value }) => ({ name: name.toLowerCase(), value }))
    .filter(({ name }) => !taken.has(name) && !FRAMING_HEADERS.has(name));
  return [...own, ...extra];
}

/** The product's own signature, keyed with the secret as displayed: `sha256=<hex>`, or `t=<seconds>,v1=<hex>`. */
function productSignature({ signatureFormat, body }: SignableRequest, secret: string, timestamp: string): string {
  switch (signatureFormat) {
    case 'SHA256':
      return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    case 'TIMESTAMPED':
      return `t=${timestamp},v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
  }
}

/**
 * One signature of Standard Webhooks, keyed with what the part after `whsec_` decodes to.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */
function standardSignature({ eventId, body }: SignableRequest, secret: string, timestamp: string): string {
  const key = decodeSigningSecret(secret);
  return `v1,${createHmac('sha256', key).update(`${eventId}.${timestamp}.${body}`).digest('base64')}`;
}
