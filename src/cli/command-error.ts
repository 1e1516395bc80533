/** Why a command cannot do what it was told; its message says what to do, and is all that is printed. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
