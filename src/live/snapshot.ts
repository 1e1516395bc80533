/**
 * A moment of the database as PostgreSQL writes it, `xmin:xmax:xip,…`: every transaction before `xmin` is over, none
 * from `xmax` on had begun, and of those between, the ones listed were still open.
 *
 * @see https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT-PARTS
 */
export type Snapshot = string;

/** Whether PostgreSQL would take the text for a snapshot. */
export function isSnapshot(text: string): boolean {
  const [, xmin, xmax, open] = /^(\d{1,19}):(\d{1,19}):([\d,]*)$/.exec(text) ?? [];
  if (xmin === undefined || xmax === undefined || BigInt(xmin) > BigInt(xmax)) return false;
  let last = -1n;
  return openOf(open!).every((xid) => {
    const isInOrder = xid > last && xid >= BigInt(xmin) && xid < BigInt(xmax);
    last = xid;
    return isInOrder;
  });
}

/** The part of a moment in which transaction `xid` and all later ones had not begun yet. */
export function before(snapshot: Snapshot, xid: bigint): Snapshot {
  const [xmin, , open] = snapshot.split(':') as [string, string, string];
  const first = BigInt(xmin) < xid ? BigInt(xmin) : xid;
  return `${first}:${xid}:${openOf(open).filter((one) => one < xid)}`;
}

function openOf(list: string): bigint[] {
  return list === '' ? [] : list.split(',').map(BigInt);
}
