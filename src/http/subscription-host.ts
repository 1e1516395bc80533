import { CloseCode } from 'graphql-ws';
import type { Authenticate } from '../access/authenticate.js';
import type { SessionEnd, Sessions } from '../access/sessions.js';
import { TokenKeysUnavailableError } from '../access/tokens.js';
import { createContext, type Services } from '../api/context.js';
import { createFormatError, formatErrors } from '../api/errors.js';
import type { OperationGate } from '../api/prepare-operation.js';
import { runSubscription } from '../api/run-subscription.js';
import type { Log } from '../log.js';
import { isTransient } from '../storage/database.js';
import { AWAY, type Parting, type SubscriptionHost, TRY_AGAIN_LATER } from './conversation.js';

export interface SubscriptionHostOptions {
  gate: OperationGate;
  services: Services;
  authenticate: Authenticate;
  sessions: Sessions;
  log: Log;
}

const FORBIDDEN = {
  code: CloseCode.Forbidden,
  reason: 'Forbidden: send {"authorization": "Bearer <API key>"} to connect.',
};
const ENDED: Record<SessionEnd, Parting> = {
  revoked: { code: CloseCode.Forbidden, reason: 'Forbidden: the API key has been revoked.' },
  expired: { code: CloseCode.Forbidden, reason: 'Forbidden: the credentials have expired.' },
};
/** Clients take the code for a reason to come again later; that of the protocol for too many of anything makes them give up. */
const CROWDED = { code: TRY_AGAIN_LATER, reason: 'Too many sockets of this account are open. Close some first.' };
const KEYS_AWAY = {
  code: TRY_AGAIN_LATER,
  reason: 'The keys that tokens are verified by cannot be had at the moment.',
};
/** Something went wrong here that nobody foresaw. */
export const FAULT = { code: CloseCode.InternalServerError, reason: 'Internal server error' };

/** Lets clients in and runs what they subscribe to; the database may be away, and their credentials end meanwhile. */
export function createSubscriptionHost({
  gate,
  services,
  authenticate,
  sessions,
  log,
}: SubscriptionHostOptions): SubscriptionHost {
  const formatError = createFormatError({ log, metrics: services.metrics });
  return {
    async identify(authorization) {
      try {
        const caller = await authenticate(authorization);
        return caller ? { caller } : FORBIDDEN;
      } catch (error) {
        log.error({ err: error }, 'caller not authenticated');
        if (error instanceof TokenKeysUnavailableError) return KEYS_AWAY;
        return isTransient(error) ? AWAY : FAULT;
      }
    },
    enter(caller, close) {
      return sessions.enter(caller, (why) => close(ENDED[why])) ?? CROWDED;
    },
    async start(caller, operation) {
      const prepared = gate.prepare('socket', caller, operation);
      if (!('document' in prepared)) return prepared;
      return runSubscription(prepared, () => createContext(caller, services), log);
    },
    describe: (errors) => formatErrors(errors, formatError),
  };
}
