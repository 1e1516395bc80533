export interface TokenBucketOptions {
  perSecond: number;
  /** What can be saved up. */
  capacity: number;
  /** A clock that never goes back. */
  nowMs?: () => number;
}

/** What may be spent over time: full at first, and in debt once more is taken than there was. */
export class TokenBucket {
  #left: number;
  #atMs: number;
  readonly #nowMs: () => number;

  constructor(private readonly options: TokenBucketOptions) {
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#left = options.capacity;
    this.#atMs = this.#nowMs();
  }

  /** Below zero for a debt. */
  get left(): number {
    const { perSecond, capacity } = this.options;
    const nowMs = this.#nowMs();
    this.#left = Math.min(this.#left + ((nowMs - this.#atMs) / 1_000) * perSecond, capacity);
    this.#atMs = nowMs;
    return this.#left;
  }

  take(tokens: number): void {
    this.#left = this.left - tokens;
  }
}
