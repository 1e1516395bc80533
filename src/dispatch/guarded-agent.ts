import { X509Certificate } from 'node:crypto';
import { promises as dns, type LookupAddress } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction, Socket } from 'node:net';
import tls from 'node:tls';
import type { AddressRange } from '../endpoints/address-range.js';
import { isCallable, toBlockList } from '../endpoints/public-address.js';

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

/** How the agents connect. */
export interface GuardedAgentOptions {
  /** Addresses that may be called although they are not public. */
  readonly allowedCidrs?: readonly AddressRange[];
  /** PEM certificates to trust beside the usual roots. */
  readonly ca?: string;
  /** How names become addresses; the system's way if left out. */
  readonly resolve?: Resolve;
  /** After so many milliseconds without a request a connection is closed: less than the 5 s after which Node servers do. */
  readonly idleTimeoutMs?: number;
}

/** Agents that keep connections alive, and open none to an address that the service must not call. */
export interface GuardedAgents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/**
 * Makes the agents. The check is made as a connection is: all addresses of a name are looked up, one that is not
 * callable refuses them all with a `BlockedAddressError`, and what is dialled is what was checked.
 * @throws Error when `ca` is not a PEM certificate.
 */
export function createGuardedAgents({
  allowedCidrs = [],
  ca,
  resolve = oneAtATime((hostname) => dns.lookup(hostname, { all: true })),
  idleTimeoutMs = 4_000,
}: GuardedAgentOptions = {}): GuardedAgents {
  const secureContext = trust(ca);
  const blockList = toBlockList(allowedCidrs);
  const connection = {
    lookup: guardLookup(resolve, allowedCidrs),
    blockList,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 500,
  };
  const isBlocked = ({ host }: { host?: string | null }) =>
    isIP(host ?? '') !== 0 && !isCallable(host ?? '', allowedCidrs);

  class GuardedHttpAgent extends http.Agent {
    override createConnection(options: http.ClientRequestArgs) {
      return isBlocked(options) ? blockedSocket() : super.createConnection({ ...options, ...connection });
    }
  }

  class GuardedHttpsAgent extends https.Agent {
    override createConnection(options: https.RequestOptions) {
      if (isBlocked(options)) return blockedSocket();
      const servername = isIP(options.host ?? '') === 0 ? options.host?.replace(/\.$/, '') : '';
      const tlsOptions = { secureContext, servername, rejectUnauthorized: true };
      const socket = super.createConnection({ ...options, ...connection, ...tlsOptions });
      // `tls.connect` drops the option of this name, and it connects on a later tick.
      return Object.assign(socket as tls.TLSSocket, { blockList });
    }
  }

  // Only idle connections end after `timeout`. A receiver's `Keep-Alive: timeout=…` hint shortens it.
  const keepAlive = { keepAlive: true, timeout: idleTimeoutMs };
  return { http: new GuardedHttpAgent(keepAlive), https: new GuardedHttpsAgent(keepAlive) };
}

/** The usual roots and `ca`, read once: a certificate store per connection would cost milliseconds each. */
function trust(ca: string | undefined): tls.SecureContext {
  if (ca === undefined) return tls.createSecureContext();
  try {
    new X509Certificate(ca);
  } catch {
    throw new Error('The additional CA for receivers is not a PEM certificate');
  }
  return tls.createSecureContext({ ca: [...tls.getCACertificates('default'), ca] });
}

/** A socket that fails instead of connecting. */
function blockedSocket(): Socket {
  return new Socket().destroy(new BlockedAddressError());
}

/**
 * Lets connections that look up the same name at the same moment share one look-up: the system has four threads for
 * them all, and one name whose servers hang must not occupy more than one.
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

/** Looks a name up for `net.connect`, which then dials the addresses given back and no others. */
function guardLookup(resolve: Resolve, allowed: readonly AddressRange[]): LookupFunction {
  const lookup = async (hostname: string): Promise<LookupAddress[]> => {
    if (/(^|\.)localhost\.?$/.test(hostname)) return loopback(allowed);
    // Copied before they are checked, so that nothing can change between check and call.
    const addresses = (await resolve(hostname)).map(({ address }) => ({ address, family: isIP(address) }));
    if (addresses.length === 0) throw Object.assign(new Error('The name has no address'), { code: 'ENOTFOUND' });
    if (!addresses.every(({ address }) => isCallable(address, allowed))) throw new BlockedAddressError();
    return addresses;
  };
  return (hostname, { all }, callback) => {
    lookup(hostname).then(
      (addresses) => (all ? callback(null, addresses) : callback(null, addresses[0]!.address, addresses[0]!.family)),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
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
