/**
 * Headers that no one may name but the service and the HTTP client: those that every request has already, and those that
 * say where a message ends, whom it is for, how it is encoded or what becomes of the connection.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
 */
const RESERVED: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'date',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-revkeen-attempt',
  'x-revkeen-delivery',
  'x-revkeen-event',
  // To HTTP a name like any other; to JavaScript not a header but what an object inherits from.
  '__proto__',
]);

/** Whole families of them: the body's description, what proxies read, and Standard Webhooks. */
const RESERVED_FAMILIES = /^(content|proxy|webhook)-/;

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Whether a text can be the name of an HTTP header. Its length is not looked at. */
export function isHeaderName(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * Whether a header is spoken for, in any letter case and spelling. Beside the signature header stands the one for the
 * previous secret, with `-Previous` after the name.
 *
 * @param signatureHeader the name that the operator chose; left out, it is about the others only
 */
export function isReservedHeader(name: string, signatureHeader?: string): boolean {
  const key = asGatewaysRead(name);
  if (RESERVED.has(key) || RESERVED.has(name.toLowerCase()) || RESERVED_FAMILIES.test(key)) return true;
  const signature = signatureHeader && asGatewaysRead(signatureHeader);
  return signature !== undefined && (key === signature || key === `${signature}-previous`);
}

/**
 * Gateways of CGI's kind hand headers on as variables, for which every character but letters and digits becomes the same:
 * to the program behind one, `Webhook_Id` is `Webhook-Id`.
 * @see https://www.rfc-editor.org/rfc/rfc3875#section-4.1.18
 */
function asGatewaysRead(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}
