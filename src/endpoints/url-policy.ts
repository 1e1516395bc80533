import { isIP } from 'node:net';
import { type AddressRange, isWithin, parseAddressRanges } from './address-range.js';
import { isCallable } from './public-address.js';

/** What an operator allows beyond public HTTPS. */
export interface UrlPolicy {
  /** Accept `http:` as well. */
  readonly allowHttp: boolean;
  /** Addresses that may be called although they are not public. */
  readonly allowedCidrs: readonly AddressRange[];
}

/** A URL in its normal form, or why it was refused. */
export type UrlVerdict =
  | { readonly url: string }
  | { readonly code: 'INVALID_URL' | 'URL_NOT_ALLOWED'; readonly message: string };

const MAX_URL_LENGTH = 2048;

/** Names that mean something on one machine or network only; some systems number theirs, as in `localhost4.localdomain4`. */
const LOCAL_NAME = /(^|\.)(localhost[46]?|localdomain[46]?|local|internal|intranet|lan|home\.arpa)$/;
const LOCALHOST_NAME = /(^|\.)localhost$/;

const LOOPBACK = parseAddressRanges('127.0.0.0/8, ::1');

/**
 * Ports of other protocols, to which nobody sends HTTP in good faith.
 * @see https://fetch.spec.whatwg.org/#port-blocking
 */
const BAD_PORTS: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/**
 * Whether a URL may be registered, judged by its text alone: no look-up is made, since a name may point elsewhere
 * tomorrow. What it points to is checked whenever a connection is made. A fragment, which is never sent, is dropped.
 */
export function checkEndpointUrl(text: string, policy: UrlPolicy): UrlVerdict {
  if (text.length > MAX_URL_LENGTH) return tooLong();
  const url = URL.parse(text);
  if (url === null) {
    return { code: 'INVALID_URL', message: 'Give an absolute URL, such as https://example.com/webhooks.' };
  }
  url.hash = '';
  if (url.href.length > MAX_URL_LENGTH) return tooLong();

  const message = objection(url, policy);
  return message === undefined ? { url: url.href } : { code: 'URL_NOT_ALLOWED', message };
}

function tooLong(): UrlVerdict {
  return { code: 'INVALID_URL', message: `Use a URL of at most ${MAX_URL_LENGTH.toLocaleString('en')} characters.` };
}

/** Why a well-formed URL must not be called, and what to do about it; undefined when it may. */
function objection(url: URL, policy: UrlPolicy): string | undefined {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && policy.allowHttp)) {
    return 'Use an https:// URL: events are sent over encrypted connections only.';
  }
  if (url.username !== '' || url.password !== '') {
    return 'Leave the user name and password out of the URL: put credentials in a header of the endpoint.';
  }
  if (isBadPort(Number(url.port || 443))) {
    return `Use another port: ${url.port} belongs to another protocol.`;
  }
  if (!isHostAllowed(url.hostname, policy.allowedCidrs)) {
    return 'Use a host on the public internet: local names and addresses that are not public cannot be called.';
  }
  return undefined;
}

/** Whether no request may go to a port, whoever listens there. */
export function isBadPort(port: number): boolean {
  return BAD_PORTS.has(port);
}

/** @param hostname as `URL` gives it: lower case, addresses in their normal form, IPv6 in brackets. */
function isHostAllowed(hostname: string, allowed: readonly AddressRange[]): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  // No name has an empty label; resolvers may all the same take `localhost..` or `0x7f.1..` for something.
  if (host.split('.').includes('')) return false;
  if (isIP(host) !== 0) return isCallable(host, allowed);
  if (LOCALHOST_NAME.test(host)) return isCallable('127.0.0.1', allowed) || isCallable('::1', allowed);
  // What the other local names stand for shows when they are called: here they pass once a private network is open.
  if (LOCAL_NAME.test(host) || !host.includes('.')) return allowed.some((range) => !isWithin(range, LOOPBACK));
  return true;
}
