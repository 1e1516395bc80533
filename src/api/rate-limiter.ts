import { TokenBucket } from './token-bucket.js';

/** More accounts than this at once, and those that asked least lately start afresh. */
const REMEMBERED_ACCOUNTS = 10_000;

export interface RateLimiterOptions {
  /** What an account may spend each second; as much can be saved up. Null for no limit. */
  unitsPerSecond: number | null;
  nowMs?: () => number;
}

/**
 * How much each account may ask of this process. What an operation costs is charged once that is known, and may leave the
 * account in debt: it then has to wait until that is paid off. So a large operation passes, however small the limit is, and
 * what is refused unread costs nothing. What it turns out not to have cost is given back.
 */
export class RateLimiter {
  /** The last used last. */
  readonly #accounts = new Map<string, TokenBucket>();

  constructor(private readonly options: RateLimiterOptions) {}

  /** The whole seconds that the account has to wait; 0 when it may ask. */
  secondsToWait(accountId: string): number {
    const left = this.#accounts.get(accountId)?.left ?? 0;
    return left < 0 ? Math.ceil(-left / this.options.unitsPerSecond!) : 0;
  }

  /** Below zero to give back. */
  charge(accountId: string, units: number): void {
    const { unitsPerSecond, nowMs } = this.options;
    if (unitsPerSecond === null) return;
    const account =
      this.#accounts.get(accountId) ?? new TokenBucket({ perSecond: unitsPerSecond, capacity: unitsPerSecond, nowMs });
    account.take(units);
    this.#accounts.delete(accountId);
    this.#accounts.set(accountId, account);
    if (this.#accounts.size > REMEMBERED_ACCOUNTS) this.#accounts.delete(this.#accounts.keys().next().value!);
  }
}
