import { createHmac } from 'node:crypto';
import { isSnapshot, type Snapshot } from './snapshot.js';

const CHECK_BYTES = 6;

/** Turns places in the feed into cursors for callers, and back. */
export class CursorCodec {
  readonly #feedId: string;

  /** @param feedId the feed's own id: cursors of another database are not taken for its own */
  constructor(feedId: string) {
    this.#feedId = feedId;
  }

  encode(accountId: string, snapshot: Snapshot): string {
    return Buffer.concat([this.#checkOf(accountId, snapshot), Buffer.from(snapshot)]).toString('base64url');
  }

  /** Null for a cursor that was damaged, or is of another account or another database. */
  decode(accountId: string, cursor: string): Snapshot | null {
    const snapshot = Buffer.from(cursor, 'base64url').subarray(CHECK_BYTES).toString('latin1');
    return isSnapshot(snapshot) && this.encode(accountId, snapshot) === cursor ? snapshot : null;
  }

  #checkOf(accountId: string, snapshot: Snapshot): Buffer {
    return createHmac('sha256', this.#feedId).update(`${accountId}\n${snapshot}`).digest().subarray(0, CHECK_BYTES);
  }
}
