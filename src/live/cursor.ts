import { createHmac } from 'node:crypto';
import { isSnapshot, type Snapshot } from './snapshot.js';

const CHECK_BYTES = 6;

/** Before everything: whoever asks for what came since is told that something may be missing. */
const LONG_AGO: Snapshot = '1:1:';

/** What tells a feed from those of other databases. */
export interface FeedIds {
  id: string;
  /** What it was called before it was restored or moved: there its places meant something else. */
  formerIds: readonly string[];
}

/** Turns places in the feed into cursors for callers, and back. */
export class CursorCodec {
  #ids: FeedIds;
  readonly #readIds: () => Promise<FeedIds>;

  /** @param readIds called when a cursor is not known: after a failover, another process may have begun the feed anew */
  constructor(ids: FeedIds, readIds: () => Promise<FeedIds>) {
    this.#ids = ids;
    this.#readIds = readIds;
  }

  encode(accountId: string, snapshot: Snapshot): string {
    return encode(this.#ids.id, accountId, snapshot);
  }

  /** Null for a cursor that was damaged, or is of another account or another database. */
  async decode(accountId: string, cursor: string): Promise<Snapshot | null> {
    const snapshot = Buffer.from(cursor, 'base64url').subarray(CHECK_BYTES).toString('latin1');
    if (!isSnapshot(snapshot)) return null;
    const known = this.#find(accountId, cursor, snapshot);
    if (known !== null) return known;
    this.#ids = await this.#readIds();
    return this.#find(accountId, cursor, snapshot);
  }

  #find(accountId: string, cursor: string, snapshot: Snapshot): Snapshot | null {
    const { id, formerIds } = this.#ids;
    if (encode(id, accountId, snapshot) === cursor) return snapshot;
    return formerIds.some((former) => encode(former, accountId, snapshot) === cursor) ? LONG_AGO : null;
  }
}

function encode(feedId: string, accountId: string, snapshot: Snapshot): string {
  const check = createHmac('sha256', feedId).update(`${accountId}\n${snapshot}`).digest().subarray(0, CHECK_BYTES);
  return Buffer.concat([check, Buffer.from(snapshot)]).toString('base64url');
}
