import { OverloadError } from './database.js';

interface Waiting<Call, Result> {
  call: Call;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

export interface GroupCommitOptions<Call, Result> {
  /** Does all calls in one transaction, and answers one result per call, in their order. */
  commit(calls: readonly Call[]): Promise<Result[]>;
  /** How much a call adds to a group. */
  weightOf(call: Call): number;
  /** A group takes no more calls once it weighs this much; a heavier call goes alone. */
  maxWeight: number;
  /** How much of memory a call takes, in about bytes. */
  sizeOf(call: Call): number;
  /** With so much waiting, further calls are refused. */
  maxWaitingSize: number;
  /** How many groups may be on their way at once. */
  maxConcurrent: number;
  /** Whether an error would meet any other call just as well, so that trying them one by one is of no use. */
  isEverybodys(error: unknown): boolean;
}

/**
 * Lets concurrent calls share a commit: while some are being written, those that come meanwhile gather, and go together
 * next. Each call is answered only after its own commit. When a group fails through one of its calls they are tried one
 * by one, so that no caller pays for another.
 */
export class GroupCommit<Call, Result> {
  readonly #waiting: Waiting<Call, Result>[] = [];
  readonly #options: GroupCommitOptions<Call, Result>;
  #running = 0;
  #waitingSize = 0;

  constructor(options: GroupCommitOptions<Call, Result>) {
    this.#options = options;
  }

  /** @throws {OverloadError} when far too much waits already; nothing was done then. */
  submit(call: Call): Promise<Result> {
    return new Promise((resolve, reject) => {
      const size = this.#options.sizeOf(call);
      if (this.#waitingSize > 0 && this.#waitingSize + size > this.#options.maxWaitingSize) {
        throw new OverloadError('Too much is waiting to be written');
      }
      this.#waitingSize += size;
      this.#waiting.push({ call, resolve, reject });
      this.#advance();
    });
  }

  #advance(): void {
    while (this.#waiting.length > 0 && this.#running < this.#options.maxConcurrent) {
      this.#running += 1;
      void this.#settle(this.#nextGroup()).finally(() => {
        this.#running -= 1;
        this.#advance();
      });
    }
  }

  #nextGroup(): Waiting<Call, Result>[] {
    const { weightOf, sizeOf, maxWeight } = this.#options;
    let weight = 0;
    let size = 0;
    for (const { call } of this.#waiting) {
      weight += weightOf(call);
      if (size > 0 && weight > maxWeight) break;
      size += 1;
    }
    const group = this.#waiting.splice(0, size);
    for (const { call } of group) this.#waitingSize -= sizeOf(call);
    return group;
  }

  async #settle(group: readonly Waiting<Call, Result>[]): Promise<void> {
    try {
      const results = await this.#options.commit(group.map(({ call }) => call));
      for (const [index, { resolve }] of group.entries()) resolve(results[index]!);
    } catch (error) {
      if (group.length === 1 || this.#options.isEverybodys(error)) for (const { reject } of group) reject(error);
      else for (const one of group) await this.#settle([one]);
    }
  }
}
