/** Its message says what is wrong and what to do, and is all that whoever started the program is told of it. */
export class ExplainedError extends Error {
  override readonly name: string = 'ExplainedError';
}
