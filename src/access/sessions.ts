import type { Clock } from '../storage/clock.js';
import type { Executor } from '../storage/database.js';
import type { Caller } from './account.js';
import { findRevokedKeys } from './api-keys.js';

/** Why a session ends although its client is still there. */
export type SessionEnd = 'revoked' | 'expired';

interface Session {
  readonly caller: Caller;
  readonly end: (why: SessionEnd) => void;
}

export interface SessionsOptions {
  db: Executor;
  clock: Clock;
  /** How many an account may have open at once in this process. */
  maxPerAccount: number;
}

/** Who is connected, for as long as their credentials are valid. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #open = new Set<Session>();
  readonly #counts = new Map<string, number>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /**
   * Lets a caller in, until what it answers is called or, from here, `end`: the session is over by then. Null when the
   * account has as many sessions as it may have.
   */
  enter(caller: Caller, end: (why: SessionEnd) => void): (() => void) | null {
    const count = this.#counts.get(caller.accountId) ?? 0;
    if (count >= this.#options.maxPerAccount) return null;
    const session = { caller, end };
    this.#counts.set(caller.accountId, count + 1);
    this.#open.add(session);
    return () => this.#leave(session);
  }

  /** Ends the sessions whose credentials have expired: also while the database is silent. */
  endExpired(): void {
    const now = this.#options.clock.now();
    this.#endAll(({ expiresAtMs }) => expiresAtMs !== undefined && expiresAtMs <= now, 'expired');
  }

  /** Ends the sessions whose key has been revoked, wherever that was. */
  async endRevoked(): Promise<void> {
    const keys = new Map<string, string>();
    for (const { caller } of this.#open) if (caller.apiKeyId) keys.set(caller.apiKeyId, caller.accountId);
    if (keys.size === 0) return;
    const revoked = await findRevokedKeys(
      this.#options.db,
      [...keys].map(([id, accountId]) => ({ id, accountId })),
    );
    this.#endAll(({ apiKeyId }) => apiKeyId !== undefined && revoked.has(apiKeyId), 'revoked');
  }

  #endAll(isOver: (caller: Caller) => boolean, why: SessionEnd): void {
    for (const session of this.#open) {
      if (!isOver(session.caller)) continue;
      this.#leave(session);
      session.end(why);
    }
  }

  #leave(session: Session): void {
    if (!this.#open.delete(session)) return;
    const { accountId } = session.caller;
    const count = this.#counts.get(accountId)! - 1;
    if (count > 0) this.#counts.set(accountId, count);
    else this.#counts.delete(accountId);
  }
}
