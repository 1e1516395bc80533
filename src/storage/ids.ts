import { randomFillSync } from 'node:crypto';
import { MAX, NIL, v7 } from 'uuid';
import { DAY_MS } from '../units.js';
import { base32OfUuid, uuidOfBase32 } from './base32.js';

/** What an id is of, as the world outside sees it: `dlv_01kat…` is a delivery. */
export type IdPrefix = 'ep' | 'evt' | 'dlv' | 'att' | 'blk' | 'key';

/** Every id lies between these two, and nothing has either. */
export const [NIL_ID, MAX_ID] = [NIL, MAX];

/** How far the clock may go back, in milliseconds, before ids follow it. */
const CLOCK_SLACK_MS = 1_000;

/** The last instant that a UUIDv7 can tell: 48 bits of milliseconds. */
const LAST_INSTANT_MS = 2 ** 48 - 1;

const newest = { instantMs: -1, sequence: 0 };

/**
 * A new UUIDv7, in lower case, of the instant `nowMs`. Within this process ids sort as they were made, also while the
 * clock stands still or goes back by up to a second; when it goes back further, they follow it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9562.html#name-uuid-version-7
 */
export function newId(nowMs: number = Date.now()): string {
  const random = nextRandom();
  if (continuesLast(nowMs)) {
    newest.sequence += 1;
    if (newest.sequence > 0xffff_ffff) startAt(newest.instantMs + 1, random);
  } else {
    startAt(nowMs, random);
  }
  return v7({ msecs: newest.instantMs, seq: newest.sequence, random });
}

/**
 * The smallest UUIDv7 of an instant in milliseconds: a bound for ranges of ids. An instant before 1970 gives the
 * smallest of all, one beyond the year 10889 that of the last instant there is.
 */
export function idAt(instantMs: number): string {
  const hex = Math.min(Math.max(Math.floor(instantMs), 0), LAST_INSTANT_MS)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** The instant of a UUIDv7, in milliseconds. */
export function instantOf(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/**
 * A UUID as the world outside sees it, such as `dlv_01kasgxt00e4x8y0m2c6wjz3qk`.
 *
 * @see https://github.com/jetify-com/typeid/blob/main/spec/README.md
 */
export function toTypeId(prefix: IdPrefix, uuid: string): string {
  return `${prefix}_${base32OfUuid(uuid)}`;
}

/** The UUID within a TypeID, or `null` for anything malformed or of another prefix. */
export function fromTypeId(prefix: IdPrefix, text: string): string | null {
  if (text.charCodeAt(prefix.length) !== UNDERSCORE || !text.startsWith(prefix)) return null;
  return uuidOfBase32(text.slice(prefix.length + 1));
}

const UNDERSCORE = '_'.charCodeAt(0);

/** Whether an id of `nowMs` takes the next number after the last id, rather than an instant of its own. */
function continuesLast(nowMs: number): boolean {
  if (nowMs > newest.instantMs || nowMs < newest.instantMs - CLOCK_SLACK_MS) return false;
  // Never into the next day: an event and its deliveries are made from one instant and must share a partition.
  return nowMs === newest.instantMs || Math.floor(nowMs / DAY_MS) === Math.floor(newest.instantMs / DAY_MS);
}

function startAt(instantMs: number, random: Uint8Array): void {
  newest.instantMs = instantMs;
  // 31 random bits: whatever they are, two thousand million ids follow before the 32 run out.
  newest.sequence = random[0]! * 2 ** 23 + random[1]! * 2 ** 15 + random[2]! * 2 ** 7 + (random[3]! >> 1);
}

const RANDOM_BYTES = 16;
const randomPool = new Uint8Array(RANDOM_BYTES * 256);
let randomOffset = randomPool.length;

/** Sixteen random bytes. Asking the system for a few thousand at a time makes an id four times cheaper. */
function nextRandom(): Uint8Array {
  if (randomOffset === randomPool.length) {
    randomFillSync(randomPool);
    randomOffset = 0;
  }
  randomOffset += RANDOM_BYTES;
  return randomPool.subarray(randomOffset - RANDOM_BYTES, randomOffset);
}

/** The first of one or more ids in their order. Statements over many ids carry their bounds, so that old days are never touched. */
export function least(ids: readonly string[]): string {
  let first = ids[0]!;
  for (const id of ids) if (id < first) first = id;
  return first;
}

/** The last of one or more ids in their order. */
export function greatest(ids: readonly string[]): string {
  let last = ids[0]!;
  for (const id of ids) if (id > last) last = id;
  return last;
}
