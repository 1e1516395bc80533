import type { Snapshot } from './snapshot.js';

/** What a subscriber is told next. */
export type QueuedUpdate<Value> =
  | { kind: 'value'; entry: Entry<Value>; cursor: Snapshot }
  /** It fell too far behind: what it missed is not told any more. */
  | { kind: 'resync'; cursor: Snapshot };

/** Something to tell. One may stand in the queues of many subscribers. */
export interface Entry<Value> {
  readonly value: Value;
  /** The moment before the stretch that brought it. */
  readonly since: Snapshot;
}

/**
 * What one subscriber has yet to be told: for each object its latest value, the longest unchanged first. Whoever fills
 * it looks at its size.
 */
export class UpdateQueue<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  #toldUpTo: Snapshot = '';
  #isOverrun = false;

  /** How many objects there is something to tell of. */
  get size(): number {
    return this.#entries.size;
  }

  /** The moment up to which everything was pushed. */
  get toldUpTo(): Snapshot {
    return this.#toldUpTo;
  }

  /** Takes the place of whatever was kept of the same object. */
  push(id: string, entry: Entry<Value>): void {
    if (this.#isOverrun) return;
    this.#entries.delete(id);
    this.#entries.set(id, entry);
  }

  /** Of which objects something is kept that `isMeant`. */
  idsOf(isMeant: (value: Value) => boolean): string[] {
    return [...this.#entries].flatMap(([id, { value }]) => (isMeant(value) ? [id] : []));
  }

  drop(id: string): void {
    this.#entries.delete(id);
  }

  /** Everything up to this moment was pushed. */
  advance(to: Snapshot): void {
    this.#toldUpTo = to;
  }

  /** Gives up what is kept, and tells so: something in between is lost. */
  overrun(): void {
    this.#entries.clear();
    this.#isOverrun = true;
  }

  /**
   * The next thing to tell. Whoever goes on from its cursor later misses nothing: the cursor lies before the first change
   * that was not told yet.
   */
  take(): QueuedUpdate<Value> | undefined {
    if (this.#isOverrun) {
      this.#isOverrun = false;
      return { kind: 'resync', cursor: this.#toldUpTo };
    }
    const [first] = this.#entries;
    if (!first) return undefined;
    const [id, entry] = first;
    this.#entries.delete(id);
    const [next] = this.#entries.values();
    return { kind: 'value', entry, cursor: next?.since ?? this.#toldUpTo };
  }
}
