import type { GraphQLError } from 'graphql';
import { OPERATION_LIMITS, tooMuch } from './operation-limits.js';

/** What becomes of one operation: what it holds so far, and why it is not to go on. */
export class Answer {
  #bodyCharacters = 0;
  #refusal: GraphQLError | null = null;

  get refusal(): GraphQLError | null {
    return this.#refusal;
  }

  /** Nothing more is read for it, and the refusal is all that is answered. */
  refuse(refusal: GraphQLError): void {
    this.#refusal ??= refusal;
  }

  /** @throws the refusal if there is one. */
  goOn(): void {
    if (this.#refusal) throw this.#refusal;
  }

  /** Takes a body in. @throws the refusal once there are too many of them. */
  addBody(characters: number): void {
    this.#bodyCharacters += characters;
    if (this.#bodyCharacters > OPERATION_LIMITS.bodyCharacters) {
      const advice =
        'Ask for fewer at a time with `first` or `last`, or for less than `body`, `data`, `requestBody` and `responseBody`.';
      this.refuse(tooMuch(OPERATION_LIMITS.bodyCharacters, 'characters of bodies in one answer', advice));
    }
    this.goOn();
  }
}
