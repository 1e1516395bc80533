import { types } from 'node:util';
import { type DestinationStream, type Logger, pino } from 'pino';
import { printable } from './printable.js';

/** One line of JSON per step, with ids, durations and outcomes as fields. */
export type Log = Logger;

interface LogOptions {
  /** A pino level, or `silent`. */
  readonly level: string;
  /** Lines for people instead of machines. */
  readonly pretty?: boolean;
  /** Where lines go; standard error unless told otherwise. */
  readonly destination?: DestinationStream;
}

/** Fields whose value never shows, at the top of a line or one level down. (What a child log carries is not looked at.) */
const SECRET_FIELDS = new Set([
  'authorization',
  'apiKey',
  'cookie',
  'databaseUrl',
  'key',
  'password',
  'secret',
  'secretKeys',
  'signingSecret',
]);

/**
 * The log of a process. It goes to standard error, because standard output belongs to what commands print. Whoever reads
 * it slowly holds nothing up, and what is not yet written when the process exits is written then.
 */
export function createLog({
  level,
  pretty = false,
  destination = pino.destination({ fd: 2, sync: false }),
}: LogOptions): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => withoutSecrets(fields, 1) },
      serializers: { err: describeError, error: describeError },
    },
    { write: (line) => destination.write(pretty ? forPeople(line) : `${printable(line.trimEnd())}\n`) },
  );
}

/** The fields with secrets masked, down to so many levels. Pino's own redaction takes four times as long as the line. */
function withoutSecrets(fields: Record<string, unknown>, levels: number): Record<string, unknown> {
  const masked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (SECRET_FIELDS.has(name)) masked[name] = '[secret]';
    else masked[name] = levels > 0 && isPlainObject(value) ? withoutSecrets(value, levels - 1) : value;
  }
  return masked;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** What of an error may be logged: libraries hang whole requests on theirs, headers and parameters included. */
function describeError(error: unknown): unknown {
  if (!types.isNativeError(error)) return error;
  const code = 'code' in error ? error.code : undefined;
  const cause = error.cause === undefined ? undefined : describeError(error.cause);
  return { type: error.name, message: error.message, code, stack: error.stack, cause };
}

/** `20:00:00.000 INFO attempt settled deliveryId="dlv_…"`, with the stack of an error below. */
function forPeople(line: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line);
  const start = `${time.slice(11, 23)} ${level.toUpperCase()} ${msg ?? ''}`;
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  const stack = err === undefined ? [] : String(err.stack ?? JSON.stringify(err)).split('\n');
  // Further lines of a message are set in like the rest of a stack, so that none looks like a line of the log.
  const below = stack.map(
    (text, index) => `\n${index === 0 || text.startsWith('    ') ? '' : '    '}${printable(text)}`,
  );
  return `${printable(start + pairs.join(''))}${below.join('')}\n`;
}
