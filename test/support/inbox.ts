import { inspect } from 'node:util';

const WAIT_MS = 15_000;
const SHOWN_ITEMS = 10;

/** Keeps what comes until a test asks for it, so that none is missed, and in order. */
export class Inbox<Item> {
  /** Everything that came so far, oldest first, asked for or not. */
  readonly seen: Item[] = [];
  #taken = 0;
  #end: Error | null = null;
  readonly #waiting = new Set<() => void>();

  /** `what` names it in messages, such as `updates of deliveries`. */
  constructor(private readonly what: string) {}

  /** How many came that nobody asked for yet. */
  get unread(): number {
    return this.seen.length - this.#taken;
  }

  push(item: Item): void {
    this.seen.push(item);
    this.#wake();
  }

  /** Nothing comes any more, for this reason: whoever waits for more is told so. */
  end(reason: string): void {
    this.#end ??= new Error(`${this.what}: ${reason}`);
    this.#wake();
  }

  /** The next item; rejects after `timeoutMs`, and when there will be none, saying what came. */
  async next(timeoutMs = WAIT_MS): Promise<Item> {
    return this.until(() => true, timeoutMs);
  }

  /** The next item that is as wanted. Those before it are passed over for good. */
  async until(isWanted: (item: Item) => boolean, timeoutMs = WAIT_MS): Promise<Item> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      while (this.unread > 0) {
        const item = this.seen[this.#taken++]!;
        if (isWanted(item)) return item;
      }
      if (this.#end) throw new Error(`${this.#end.message}; ${this.#describe()}`);
      if (!(await this.#change(deadline - performance.now()))) {
        throw new Error(`${this.what}: not so within ${timeoutMs} ms; ${this.#describe()}`);
      }
    }
  }

  #describe(): string {
    const last = this.seen.slice(-SHOWN_ITEMS).map((item) => inspect(item, { depth: 6, breakLength: Infinity }));
    return `${this.seen.length} came${last.length > 0 ? `, lastly:\n${last.join('\n')}` : ''}`;
  }

  /** Resolves with true when something came or it ended, with false when neither did in time. */
  #change(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (changed: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(changed);
      };
      const wake = () => settle(true);
      const timer = setTimeout(() => settle(false), Math.max(timeoutMs, 0));
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
