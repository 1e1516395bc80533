import type { BootstrapKey, TokenSettings } from '../config/config.js';
import { every } from '../every.js';
import type { Log } from '../log.js';
import type { Clock } from '../storage/clock.js';
import type { Executor } from '../storage/database.js';
import type { SecretKey } from '../storage/secret-keys.js';
import { ApiKeys } from './api-keys.js';
import { type Authenticate, createAuthenticate } from './authenticate.js';
import { derivePeppers } from './key-format.js';
import { KeyUse } from './key-use.js';
import { Sessions } from './sessions.js';
import { createVerifyToken } from './tokens.js';

/** How soon a session notices that its credentials are no longer valid. */
const LOOK_EVERY_MS = 1_000;

export interface OpenAccessOptions {
  db: Executor;
  /** The pepper of the first is for new keys. */
  secretKeys: readonly SecretKey[];
  bootstrapKeys: readonly BootstrapKey[];
  /** Null: no tokens are accepted. */
  tokens: TokenSettings | null;
  maxSocketsPerAccount: number;
  clock: Clock;
  log: Log;
}

/** Who may come in, and who is in. */
export interface Access {
  apiKeys: ApiKeys;
  authenticate: Authenticate;
  sessions: Sessions;
}

/** Opens the doors, and looks every second after those who came through them. Closes with `opened`. */
export function openAccess(options: OpenAccessOptions, opened: AsyncDisposableStack): Access {
  const { db, secretKeys, bootstrapKeys, tokens, maxSocketsPerAccount, clock, log } = options;
  const apiKeys = new ApiKeys({ db, peppers: derivePeppers(secretKeys), clock });
  const use = new KeyUse();
  const sessions = new Sessions({ db, clock, maxPerAccount: maxSocketsPerAccount });
  const verifyToken = tokens && createVerifyToken(tokens, clock);
  const onError = (what: string) => (error: unknown) => log.warn({ err: error }, `${what}; trying again`);
  opened.defer(() => use.flush(db).catch(onError('could not write down which API keys were used')));
  const looking = [
    every(LOOK_EVERY_MS, async () => sessions.endExpired(), onError('could not end what has expired')),
    every(LOOK_EVERY_MS, () => sessions.endRevoked(), onError('could not look whether API keys were revoked')),
    every(LOOK_EVERY_MS, () => use.flush(db), onError('could not write down which API keys were used')),
  ];
  opened.defer(async () => void (await Promise.all(looking.map((one) => one.stop()))));
  return { apiKeys, authenticate: createAuthenticate({ bootstrapKeys, apiKeys, use, verifyToken, clock }), sessions };
}
