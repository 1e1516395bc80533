/** Where and why a text is no JSON; `line` counts from 1. */
export interface JsonFault {
  readonly line: number;
  /** Such as `a comma is missing before "total"`. */
  readonly words: string;
}

/** What keeps a text from being JSON, in words and the same in every browser; null for JSON. */
export function findJsonFault(text: string): JsonFault | null {
  try {
    JSON.parse(text);
    return null;
  } catch {
    const { at, words } = new Reader(text).findFault();
    return { line: text.slice(0, at).split('\n').length, words };
  }
}

class Fault {
  constructor(
    readonly at: number,
    readonly words: string,
  ) {}
}

const PLAIN = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none of them within a string.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;
/** What is shown of what stands in the wrong place. */
const PIECE = /"[^"\n]{0,20}"?|[\w.+-]{1,20}|[\s\S]/uy;

/** Reads as far as it can. */
class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  findFault(): Fault {
    try {
      this.#value('the data');
      this.#skipSpace();
      return new Fault(this.#at, `there is more after the end of the data: ${this.#piece()}`);
    } catch (fault) {
      if (fault instanceof Fault) return fault;
      return new Fault(0, 'it is nested too deeply');
    }
  }

  #value(what: string): void {
    this.#skipSpace();
    if (this.text[this.#at] === '{') this.#list('}', () => this.#member());
    else if (this.text[this.#at] === '[') this.#list(']', () => this.#value('a value'));
    else if (this.text[this.#at] === '"') this.#string();
    else if (!this.#take(PLAIN)) {
      throw new Fault(this.#at, `${what} should be here, not ${this.#piece()}; texts need double quotes`);
    }
  }

  #list(end: '}' | ']', readItem: () => void): void {
    this.#at += 1;
    if (this.#takeSign(end)) return;
    for (;;) {
      readItem();
      if (this.#takeSign(end)) return;
      const after = this.#at;
      if (!this.#takeSign(',')) {
        this.#skipSpace();
        const isOver = this.#at === this.text.length;
        throw new Fault(
          this.#at,
          isOver ? `${end} is missing at the end` : `a comma is missing before ${this.#piece()}`,
        );
      }
      if (this.#takeSign(end)) throw new Fault(after, `the comma before ${end} is one too many`);
    }
  }

  #member(): void {
    this.#skipSpace();
    if (this.text[this.#at] !== '"') {
      throw new Fault(this.#at, `a name in double quotes should be here, not ${this.#piece()}`);
    }
    this.#string();
    if (!this.#takeSign(':')) throw new Fault(this.#at, `a colon is missing before ${this.#piece()}`);
    this.#value('a value');
  }

  #string(): void {
    if (this.#take(STRING)) return;
    const [line = ''] = this.text.slice(this.#at + 1).split('\n', 1);
    const isClosed = /^(?:[^"\\]|\\.)*"/.test(line);
    throw new Fault(
      this.#at,
      isClosed
        ? 'this text has a character that needs another way of writing'
        : 'the closing quote of a text is missing',
    );
  }

  #takeSign(sign: string): boolean {
    this.#skipSpace();
    if (this.text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    this.#take(SPACE);
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #piece(): string {
    PIECE.lastIndex = this.#at;
    return PIECE.exec(this.text)?.[0] ?? 'the end';
  }
}
