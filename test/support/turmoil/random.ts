/** Chance that comes out the same for the same seed. */
export class Random {
  readonly #seed: number;
  #position: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#position = this.#seed;
  }

  /** Another source, of which only the name and this one's seed decide: it does not matter what was drawn before. */
  fork(name: string): Random {
    let seed = this.#seed;
    for (const character of name) seed = scramble(seed ^ character.codePointAt(0)!);
    return new Random(seed);
  }

  /** From 0 to just below 1. */
  fraction(): number {
    this.#position = (this.#position + STRIDE) >>> 0;
    return scramble(this.#position) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of them. There has to be one. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)]!;
  }

  /** At least one of them, at most all, in their order. */
  some<Item>(items: readonly Item[]): Item[] {
    const sure = this.whole(0, items.length - 1);
    return items.filter((_, index) => index === sure || this.chance(0.4));
  }
}

/** Odd, so that all numbers of 32 bits come before one comes again. */
const STRIDE = 0x6a09e667;

/** Spreads what differs in one bit over all 32. */
function scramble(number: number): number {
  let bits = number | 0;
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return (bits ^ (bits >>> 15)) >>> 0;
}
