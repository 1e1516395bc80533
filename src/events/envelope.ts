/** How deeply arrays and objects in `data` may lie within each other: many JSON parsers give up soon after. */
export const MAX_DATA_DEPTH = 1_000;

/** The JSON text of an event's `data`, written once. */
export interface SerialisedData {
  readonly text: string;
  /** Its length in UTF-8. */
  readonly bytes: number;
}

/** Why `data` is not taken: more levels than {@link MAX_DATA_DEPTH}, or more bytes than the limit given. */
export interface DataRefusal {
  readonly refused: 'TOO_DEEP' | 'TOO_LARGE';
}

/** What every endpoint is told about an event. */
export interface Envelope {
  /** As a TypeID, `evt_…`. */
  readonly id: string;
  readonly type: string;
  readonly created: Date;
  /** False for test events. */
  readonly livemode: boolean;
  readonly data: SerialisedData;
}

/**
 * Writes `data`, any JSON value, as JSON. Parsing the text and writing it again gives the same text, byte for byte.
 *
 * @param maxBytes the longest text allowed, in bytes of UTF-8
 */
export function serialiseData(data: unknown, maxBytes = Number.POSITIVE_INFINITY): SerialisedData | DataRefusal {
  const refused = measure(data, maxBytes);
  if (refused !== null) return { refused };
  const text = JSON.stringify(data) ?? 'null';
  const bytes = Buffer.byteLength(text);
  return bytes > maxBytes ? { refused: 'TOO_LARGE' } : { text, bytes };
}

/**
 * The exact text that is stored, signed and sent for an event. Receivers check signatures over
 * `JSON.stringify(JSON.parse(body))`, which gives the same text, byte for byte.
 */
export function composeBody({ id, type, created, livemode, data }: Envelope): string {
  const head = JSON.stringify({ id, type, created: created.toISOString(), livemode });
  return `${head.slice(0, -1)},"data":${data.text}}`;
}

/**
 * Looks at `data` before it is serialised, level by level: recursion would end where the stack does. A variable used
 * many times in a GraphQL literal makes `data` much larger than the request was, so the count stops at the limit.
 */
function measure(data: unknown, maxBytes: number): DataRefusal['refused'] | null {
  let leastBytes = 0;
  let level = [data];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const value of level) {
      leastBytes += leastBytesOf(value);
      if (leastBytes > maxBytes) return 'TOO_LARGE';
      if (typeof value !== 'object' || value === null) continue;
      if (depth === MAX_DATA_DEPTH) return 'TOO_DEEP';
      for (const child of Object.values(value)) next.push(child);
    }
    level = next;
  }
  return null;
}

/** How much JSON a value gives rise to at least, in bytes, without what lies inside it. */
function leastBytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value)) return 1 + value.length;
  return Object.keys(value).reduce((bytes, key) => bytes + key.length + 4, 1);
}
