import { ExplainedError } from '../../explained-error.js';

/** Something about the embedded PostgreSQL that a person can put right. The message is one line. */
export class EmbeddedPostgresError extends ExplainedError {
  override readonly name = 'EmbeddedPostgresError';
}

const REMEDIES_BY_CODE: Readonly<Record<string, string>> = {
  EACCES: 'is not accessible for this user: change its owner or mode, or set DATA_DIR to another directory',
  EPERM: 'may not be changed by this user: change its owner, or set DATA_DIR to another directory',
  EINVAL: 'cannot be given to an unprivileged user, as whom PostgreSQL has to run: start as one, or set DATABASE_URL',
  EROFS: 'is on a read-only file system: set DATA_DIR to a writable directory',
  ENOSPC: 'is on a full disk: free some space',
  EDQUOT: 'is over the disk quota: free some space',
  EEXIST: 'is not a directory: set DATA_DIR to one',
  ENOTDIR: 'is not a directory: set DATA_DIR to one',
};

/** Says of a file system's refusal what to do about it; gives any other error back as it is. */
export function withRemedy(error: unknown): unknown {
  const { code = '', path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const remedy = REMEDIES_BY_CODE[code];
  if (error instanceof EmbeddedPostgresError || !remedy) return error;
  return new EmbeddedPostgresError(`${dest ?? path ?? 'The data directory'} ${remedy}`, { cause: error });
}

const REMEDIES_BY_OUTPUT: ReadonlyArray<readonly [RegExp, string]> = [
  [/No space left on device|Disk quota exceeded/, 'the disk is full, free some space'],
  [
    /could not look up effective user ID/,
    'this user id needs a name in /etc/passwd, add one, run as another user, or set DATABASE_URL',
  ],
  [/spawn .*E[A-Z]+|shared librar|GLIBC|not loaded/, 'its programs do not run on this system, set DATABASE_URL'],
  [/Permission denied|wrong ownership/, 'it may not read its own files, look at their owners and modes'],
];

/**
 * Says why one of PostgreSQL's programs ended.
 *
 * @param failure what did not work, as the beginning of a sentence
 * @param output what the program wrote; its last lines are quoted
 */
export function programFailure(failure: string, output: string): EmbeddedPostgresError {
  const remedy = REMEDIES_BY_OUTPUT.find(([pattern]) => pattern.test(output))?.[1] ?? 'see to what it says';
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const severe = lines.flatMap((line) => line.match(/\b(error|ERROR|FATAL|PANIC|DETAIL|HINT): .*/)?.[0] ?? []);
  const quoted = (severe.length > 0 ? severe : lines).slice(-4).map((line) => line.trim().replace(/\s+/g, ' '));
  return new EmbeddedPostgresError(`${failure}: ${remedy} (${quoted.join('; ') || 'it said nothing'})`);
}
