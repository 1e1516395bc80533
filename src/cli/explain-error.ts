import { ExplainedError } from '../explained-error.js';

/** What to tell the person who started the program; null for what nobody foresaw, which is shown with its stack. */
export function explanationOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof ExplainedError) return error.message;
  // Where a name has several addresses, each has an error of its own, and the whole has no message.
  const { message } = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  if (isDatabaseTrouble(error, message)) {
    return `Cannot use the database: ${message}. Check DATABASE_URL and that PostgreSQL runs.`;
  }
  return 'syscall' in error ? `Cannot start: ${message}` : null;
}

/** By codes of the system, or by classes of SQLSTATE: connection, authorization, no such database, shutting down. */
function isDatabaseTrouble(error: Error, message: string): boolean {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  return (
    /^(ECONN|ENOTFOUND|ETIMEDOUT|EAI_)/.test(code) ||
    syscall === 'connect' ||
    /^(08|28|3D|57)/.test(code) ||
    /connection/i.test(message)
  );
}
