import { X509Certificate } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { type BlockList, isIP, Socket } from 'node:net';
import tls from 'node:tls';
import { isCallable, toBlockList } from '../endpoints/public-address.js';
import { isBadPort, type UrlPolicy } from '../endpoints/url-policy.js';
import {
  BlockedAddressError,
  guardLookup,
  type Lookup,
  type Resolve,
  systemResolve,
  toLookupFunction,
} from './guarded-lookup.js';

/** The URL could be registered once, under other settings; the service must not call it any more. */
class BlockedUrlError extends Error {
  override readonly name = 'BlockedUrlError';
  readonly code = 'ERR_BLOCKED_URL';

  constructor() {
    super('The URL is not one that the service may call');
  }
}

/** How the agents connect; only to public addresses, and over TLS, if nothing else is said. */
export interface GuardedAgentOptions extends Partial<UrlPolicy> {
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
 * callable refuses them all with a `BlockedAddressError`, and what is dialled is what was checked. What the URL policy
 * says of schemes and ports holds here too, for URLs that were stored under another one.
 * @throws Error when `ca` is not a PEM certificate.
 */
export function createGuardedAgents({
  allowHttp = false,
  allowedCidrs = [],
  ca,
  resolve = systemResolve(),
  idleTimeoutMs,
}: GuardedAgentOptions = {}): GuardedAgents {
  return createAgents({
    objectionTo({ host, port, socketPath }, scheme) {
      if (isBadPort(Number(port)) || (scheme === 'http' && !allowHttp)) return new BlockedUrlError();
      const isBlocked = Boolean(socketPath) || (isIP(host ?? '') !== 0 && !isCallable(host ?? '', allowedCidrs));
      return isBlocked ? new BlockedAddressError() : null;
    },
    lookup: guardLookup(resolve, allowedCidrs),
    blockList: toBlockList(allowedCidrs),
    secureContext: trust(ca),
    idleTimeoutMs,
  });
}

/** What stands between a request and a connection, in this order. */
interface Guards {
  /** Why there must be no connection, as far as the request tells; null when nothing speaks against it. */
  objectionTo(target: http.ClientRequestArgs, scheme: 'http' | 'https'): Error | null;
  readonly lookup: Lookup;
  /** Addresses that sockets refuse to dial. */
  readonly blockList: BlockList;
  readonly secureContext?: tls.SecureContext;
  readonly idleTimeoutMs?: number;
}

/** Makes agents whose sockets pass all guards. They ask for no proxy, whatever the environment names. */
export function createAgents({
  objectionTo,
  lookup,
  blockList,
  secureContext,
  idleTimeoutMs = 4_000,
}: Guards): GuardedAgents {
  const connection = {
    lookup: toLookupFunction(lookup),
    blockList,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 500,
  };

  class GuardedHttpAgent extends http.Agent {
    override createConnection(options: http.ClientRequestArgs) {
      const objection = objectionTo(options, 'http');
      return objection ? failedSocket(objection) : super.createConnection({ ...options, ...connection });
    }
  }

  class GuardedHttpsAgent extends https.Agent {
    override createConnection(options: https.RequestOptions) {
      const objection = objectionTo(options, 'https');
      if (objection) return failedSocket(objection);
      const servername = isIP(options.host ?? '') === 0 ? options.host?.replace(/\.$/, '') : '';
      // Said outright: NODE_TLS_REJECT_UNAUTHORIZED decides where nothing is said.
      const tlsOptions = { secureContext, servername, rejectUnauthorized: true };
      const socket = super.createConnection({ ...options, ...connection, ...tlsOptions });
      // `tls.connect` drops the option of this name. Nothing is dialled before the next tick, names included: no look-up
      // answers at once.
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
function failedSocket(error: Error): Socket {
  return new Socket().destroy(error);
}
