import { StringDecoder } from 'node:string_decoder';

/** Text that arrives in pieces and of which only so many bytes are kept. */
export class CappedText {
  readonly #pieces: Buffer[] = [];
  #room: number;
  #truncated = false;

  /** @param maxBytes how much is kept. */
  constructor(maxBytes: number) {
    this.#room = maxBytes;
  }

  /** Whether there was more than is kept. */
  get truncated(): boolean {
    return this.#truncated;
  }

  /** Adds a piece, or as much of it as there is room for. */
  append(piece: Buffer): void {
    this.#truncated ||= piece.length > this.#room;
    const kept = piece.subarray(0, this.#room);
    this.#room -= kept.length;
    this.#pieces.push(kept);
  }

  /** There was more, which nobody read. */
  truncate(): void {
    this.#truncated = true;
  }

  /**
   * What was kept, read as UTF-8. Bytes that are not UTF-8, and NUL, which PostgreSQL cannot store in text, become
   * U+FFFD; a character that the cut went through is left out.
   */
  toString(): string {
    const bytes = Buffer.concat(this.#pieces);
    const text = this.#truncated ? new StringDecoder('utf8').write(bytes) : bytes.toString('utf8');
    return text.replaceAll('\0', '\uFFFD');
  }
}
