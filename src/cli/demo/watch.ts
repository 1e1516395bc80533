import { setTimeout as delay } from 'node:timers/promises';
import { DemoError } from './demo-error.js';

/** How long anything may take before it counts as not happening, on a slow machine too. */
const PATIENCE_MS = 30_000;

/** Where acts wait for what they promise. */
export class Watch {
  readonly #looks = new Set<() => void>();
  readonly #abandoning = new AbortController();

  /** Aborted with the reason when there is nothing left to wait for. */
  get signal(): AbortSignal {
    return this.#abandoning.signal;
  }

  /** Something has happened: everyone who waits looks again. */
  notice(): void {
    for (const look of this.#looks) look();
  }

  /** Nobody waits any longer, now or later: all of them reject with the reason. The first reason counts. */
  abandon(reason: unknown): void {
    this.#abandoning.abort(reason);
  }

  /**
   * Resolves once `look` gives something true, with that.
   *
   * @param what continues "waited in vain until"
   * @throws {DemoError} when it takes too long
   */
  async until<Value>(what: string, look: () => Value | false | null | undefined): Promise<Value> {
    this.signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const check = () => {
      const value = look();
      if (value) resolve(value);
    };
    const giveUp = () => reject(this.signal.reason);
    const timer = setTimeout(() => {
      reject(new DemoError(`waited in vain for ${PATIENCE_MS / 1_000} s until ${what}`));
    }, PATIENCE_MS);
    this.#looks.add(check);
    this.signal.addEventListener('abort', giveUp);
    check();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#looks.delete(check);
      this.signal.removeEventListener('abort', giveUp);
    });
  }

  /** Lets some time pass, so that people can follow. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.signal }).catch(() => {});
    this.signal.throwIfAborted();
  }
}
