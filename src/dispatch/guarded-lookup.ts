import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { AddressRange } from '../endpoints/address-range.js';
import { isCallable } from '../endpoints/public-address.js';

/** The host is, or its name stands for, an address that the service must not call. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
  readonly code = 'ERR_BLOCKED_ADDRESS';

  constructor() {
    super('The address is not one that the service may call');
  }
}

/** All addresses of a host name; rejects like `dns.lookup`. */
export type Resolve = (hostname: string) => Promise<readonly { readonly address: string }[]>;

/** The system's way to look names up. */
export function systemResolve(): Resolve {
  return oneAtATime((hostname) => dns.lookup(hostname, { all: true }));
}

/**
 * Lets connections that look up the same name at the same moment share one look-up: there are so many
 * threads for them all, and one name whose servers hang must not occupy more than one.
 */
function oneAtATime(resolve: Resolve): Resolve {
  const underWay = new Map<string, ReturnType<Resolve>>();
  return (hostname) => {
    let answer = underWay.get(hostname);
    if (!answer) {
      answer = resolve(hostname).finally(() => underWay.delete(hostname));
      underWay.set(hostname, answer);
    }
    return answer;
  };
}

/** The addresses to dial for a host name. */
export type Lookup = (hostname: string) => Promise<LookupAddress[]>;

/** Looks names up. One address that is not callable refuses them all with a `BlockedAddressError`. */
export function guardLookup(resolve: Resolve, allowed: readonly AddressRange[]): Lookup {
  return async (hostname) => {
    if (/(^|\.)localhost\.?$/.test(hostname)) return loopback(allowed);
    // Copied before they are checked, so that nothing can change between check and call.
    const addresses = (await resolve(hostname)).map(({ address }) => ({ address, family: isIP(address) }));
    if (addresses.length === 0 || addresses.some(({ family }) => family === 0)) throw notFound();
    if (!addresses.every(({ address }) => isCallable(address, allowed))) throw new BlockedAddressError();
    return addresses;
  };
}

/** A look-up as `net.connect` takes it, which then dials the addresses given back and no others. Never answers at once. */
export function toLookupFunction(lookup: Lookup): LookupFunction {
  return (hostname, { all }, callback) => {
    lookup(hostname).then(
      (addresses) => (all ? callback(null, addresses) : callback(null, addresses[0]!.address, addresses[0]!.family)),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

/** As the system says it. */
function notFound(): Error {
  return Object.assign(new Error('The name has no address'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
}

/**
 * `localhost` is never looked up: it is both loopback addresses, of which those that are open are called.
 * @see https://www.rfc-editor.org/rfc/rfc6761#section-6.3
 */
function loopback(allowed: readonly AddressRange[]): LookupAddress[] {
  const open = ['127.0.0.1', '::1'].filter((address) => isCallable(address, allowed));
  if (open.length === 0) throw new BlockedAddressError();
  return open.map((address) => ({ address, family: isIP(address) }));
}
