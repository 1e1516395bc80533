import { DAY_MS, HOUR_MS, KIB, MIB, MINUTE_MS, SECOND_MS } from '../units.js';

/** One key that lets its bearer act for an account. */
export interface BootstrapKey {
  readonly accountId: string;
  readonly key: string;
}

/** Origins such as `https://app.example.com`, as browsers write them; `*` for any. */
export type AllowedOrigins = '*' | readonly string[];

const MS_PER_UNIT = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

const BYTES_PER_UNIT = { '': 1, KiB: KIB, MiB: MIB };

const MIN_KEY_LENGTH = 16;

/** The bounds of a value, both allowed, and what to advise when it is outside them. */
interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly advice: string;
}

/** Reads a whole number, such as `4000`. */
export function parseWholeNumber(text: string, { min, max, advice }: Bounds): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new Error(`${quote(text)} is not a whole number from ${min} to ${max}; ${advice}`);
}

/** Reads a time such as `250ms`, `15s`, `1.5m` or `24h`; gives milliseconds. */
export function parseDurationMs(text: string, { min, max, advice }: Bounds): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined) throw new Error(`${quote(text)} is not a time in ms, s, m, h or d; ${advice}`);
  const value = Math.round(Number(amount) * MS_PER_UNIT[unit as keyof typeof MS_PER_UNIT]);
  if (value >= min && value <= max) return value;
  throw new Error(`${quote(text)} is ${value < min ? 'too short' : 'too long'}; ${advice}`);
}

/**
 * Reads the waits before attempts 2, 3, …, such as `1m,5m,30m,2h,24h`; gives milliseconds. Empty text means no retries.
 * At most 20 waits, of 0 to 7 days each.
 */
export function parseRetryScheduleMs(text: string): number[] {
  if (text.trim() === '') return [];
  const waits = parseList(text);
  if (waits.length > 20) throw new Error(`has ${waits.length} waits; give at most 20`);
  const bounds = { min: 0, max: 7 * DAY_MS, advice: 'give waits of 0s to 168h, such as 1m,5m,30m,2h,24h' };
  return waits.map((wait) => parseDurationMs(wait, bounds));
}

/** Reads a size such as `65536`, `256KiB` or `16MiB`; gives bytes. */
export function parseBytes(text: string, { min, max, advice }: Bounds): number {
  const [, amount, unit] = /^(\d+)(KiB|MiB|)$/.exec(text) ?? [];
  if (amount === undefined) throw new Error(`${quote(text)} is not a size in bytes, KiB or MiB; ${advice}`);
  const value = Number(amount) * BYTES_PER_UNIT[unit as keyof typeof BYTES_PER_UNIT];
  if (value >= min && value <= max) return value;
  throw new Error(`${quote(text)} is too ${value < min ? 'small' : 'large'}; ${advice}`);
}

/** Reads `true`, `false`, `1` or `0`, or `on` and `off`, in any letter case. */
export function parseSwitch(text: string, advice: string): boolean {
  if (/^(true|1|on)$/i.test(text)) return true;
  if (/^(false|0|off)$/i.test(text)) return false;
  throw new Error(`${quote(text)} is neither on nor off; ${advice}`);
}

/** Reads a comma-separated list of one or more entries; space around them does not count. */
export function parseList(text: string): string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.includes('')) throw new Error('has an empty entry; remove the comma too many');
  return entries;
}

/** Reads origins such as `https://app.example.com, http://localhost:3000`, or `*`; gives them as browsers write them. */
export function parseOrigins(text: string): AllowedOrigins {
  if (text.trim() === '*') return '*';
  return parseList(text).map((entry) => {
    if (/^https?:\/\/[^/?#@*\\]+\/?$/i.test(entry) && URL.canParse(entry)) return new URL(entry).origin;
    throw new Error(
      `names ${quote(entry)}, which is not an origin; give one such as https://app.example.com, or * alone`,
    );
  });
}

/**
 * Reads either one key for the account `default`, or `account=key,account=key`. It is the list only when every part
 * between commas has a name of letters, digits, `_`, `.` and `-` before its first `=`, and 16 or more characters after
 * it: so a key may itself contain `=`, as base64 does, or a comma. An account may have several keys.
 *
 * @throws an Error that quotes nothing: a name may be part of a key that was not meant as a list.
 */
export function parseBootstrapKeys(text: string): BootstrapKey[] {
  const parts = text.split(',').map((part) => /^([\w.-]{1,64})=(.*)$/s.exec(part.trim()));
  const named = parts.flatMap((part) => (part === null ? [] : [{ accountId: part[1]!, key: part[2]! }]));
  const isLongEnough = ({ key }: BootstrapKey) => key.length >= MIN_KEY_LENGTH;
  if (named.length === parts.length && named.every(isLongEnough)) return withoutSharedKeys(named);
  if (named.length === parts.length && named.some(isLongEnough)) {
    const entry = named.findIndex((key) => !isLongEnough(key)) + 1;
    throw new Error(`has too short a key in entry ${entry}; give every account one of 16 or more characters`);
  }
  const key = text.trim();
  if (key.length < MIN_KEY_LENGTH) throw new Error('is too short; give a key of 16 or more characters');
  return [{ accountId: 'default', key }];
}

function withoutSharedKeys(keys: BootstrapKey[]): BootstrapKey[] {
  if (new Set(keys.map(({ key }) => key)).size === keys.length) return keys;
  throw new Error('gives the same key twice; a key names one account');
}

/** A value as it may stand in a message: on one line, and not for ever. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
