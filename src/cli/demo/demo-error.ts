import { CommandError } from '../command-error.js';

/** Something did not come out as the demonstration promises. The message is for the person who watches it. */
export class DemoError extends CommandError {}

/** @throws {DemoError} unless it is so; `otherwise` says what is the case instead. */
export function promised(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new DemoError(otherwise);
}
