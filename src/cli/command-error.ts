import { ExplainedError } from '../explained-error.js';

/** A command cannot do what it was told. */
export class CommandError extends ExplainedError {
  override readonly name = 'CommandError';
}
