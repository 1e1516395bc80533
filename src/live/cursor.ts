import { createHmac } from 'node:crypto';
import { isSnapshot, type Snapshot } from './snapshot.js';

const CHECK_BYTES = 6;

/** Before everything: whoever asks for what came since is told that something may be missing. */
const LONG_AGO: Snapshot = '1:1:';

/** Turns places in the feed into cursors for callers, and back. */
export class CursorCodec {
  readonly #feedId: string;
  readonly #formerIds: readonly string[];

  /**
   * @param feedId the feed's own id: cursors of another database are not taken for its own
   * @param formerIds what it was called before it was restored or moved: there its places meant something else
   */
  constructor(feedId: string, formerIds: readonly string[] = []) {
    this.#feedId = feedId;
    this.#formerIds = formerIds;
  }

  encode(accountId: string, snapshot: Snapshot): string {
    return encode(this.#feedId, accountId, snapshot);
  }

  /** Null for a cursor that was damaged, or is of another account or another database. */
  decode(accountId: string, cursor: string): Snapshot | null {
    const snapshot = Buffer.from(cursor, 'base64url').subarray(CHECK_BYTES).toString('latin1');
    if (!isSnapshot(snapshot)) return null;
    if (encode(this.#feedId, accountId, snapshot) === cursor) return snapshot;
    return this.#formerIds.some((id) => encode(id, accountId, snapshot) === cursor) ? LONG_AGO : null;
  }
}

function encode(feedId: string, accountId: string, snapshot: Snapshot): string {
  const check = createHmac('sha256', feedId).update(`${accountId}\n${snapshot}`).digest().subarray(0, CHECK_BYTES);
  return Buffer.concat([check, Buffer.from(snapshot)]).toString('base64url');
}
