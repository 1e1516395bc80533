import { builtInTypes } from './built-in-types.js';
import type { EventType } from './event-type.js';
import { patternsOf } from './type-pattern.js';

/**
 * The types of event that there are: those that are built in, then those that were registered, in the order in which they
 * were. What is stored under the name of a built-in type is that type as it was changed.
 */
export class Catalog {
  readonly types: readonly EventType[];
  readonly #byName: ReadonlyMap<string, EventType>;
  readonly #byPattern = new Map<string, EventType[]>();

  constructor(stored: readonly EventType[]) {
    this.#byName = new Map([...builtInTypes, ...stored].map((type) => [type.name, type]));
    this.types = [...this.#byName.values()];
    for (const type of this.types) {
      for (const pattern of patternsOf(type.name)) {
        this.#byPattern.set(pattern, [...(this.#byPattern.get(pattern) ?? []), type]);
      }
    }
  }

  /** The type of this name, such as `invoice.paid`. */
  named(name: string): EventType | undefined {
    return this.#byName.get(name);
  }

  /** The types that a name or a prefix such as `invoice.*` stands for; none if it stands for nothing. */
  matching(pattern: string): readonly EventType[] {
    return this.#byPattern.get(pattern) ?? [];
  }

  /** How many types there are, without those that are deprecated. */
  get size(): number {
    return this.types.filter(({ deprecatedAt }) => !deprecatedAt).length;
  }

  /** How many types names and prefixes stand for together; those that are deprecated count by name only. */
  sizeOf(patterns: readonly string[]): number {
    const counted = patterns.flatMap((pattern) =>
      this.matching(pattern).filter(({ name, deprecatedAt }) => name === pattern || !deprecatedAt),
    );
    return new Set(counted).size;
  }
}
