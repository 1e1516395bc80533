import { Store } from '../api/store.js';
import type { Deliveries, DeliveryFilter } from '../documents.js';

/** With its endpoint where the reader may see that and did not ask for one. */
export type ListedDelivery = Deliveries['deliveries']['nodes'][number];

export interface FeedState {
  /** Newest first; undefined until there is an answer. */
  readonly rows: readonly ListedDelivery[] | undefined;
  /** How many there are; null when they are too many to be counted. */
  readonly totalCount: number | null;
  /** Whether there are older ones. */
  readonly hasMore: boolean;
  /** How many more match that would move what the reader reads. */
  readonly waitingCount: number;
  /** Whether there are more of those than are kept: the list has to be asked for anew. */
  readonly isBehind: boolean;
  readonly isLoading: boolean;
}

/** Asks for a page of what matches. */
export type AskForPage = (query: {
  filter: DeliveryFilter;
  after: string | null;
  withCount: boolean;
}) => Promise<Deliveries['deliveries']>;

/** What of the list may change: whether rows may move, and one that stays even if it matches no more. */
export interface Footing {
  readonly mayMove: boolean;
  readonly kept: string | null;
}

/** At the top of the list, so many rows are kept; older ones are asked for again as the reader comes to them. */
const KEPT_AT_TOP = 1_000;
/** So many that are new wait for a reader who is further down. */
const MAX_WAITING = 1_000;
/** Ids are in the order of time to within two seconds. */
const ORDER_SLACK_MS = 2_001;

/**
 * The deliveries that match a filter, as they come and change. Outside of Apollo's cache: that would write the whole list
 * for each row that comes, and keep every delivery that was ever told of.
 */
export class DeliveryFeed {
  readonly state = new Store<FeedState>({
    rows: undefined,
    totalCount: null,
    hasMore: false,
    waitingCount: 0,
    isBehind: false,
    isLoading: true,
  });
  readonly #waiting = new Map<string, ListedDelivery>();
  /** What came live and is not in the list yet. */
  readonly #heard = new Map<string, ListedDelivery>();
  /** Where the list goes on. */
  #tail: { filter: DeliveryFilter; after: string | null };
  #asking: Promise<void> = Promise.resolve();

  constructor(
    readonly filter: DeliveryFilter,
    private readonly ask: AskForPage,
  ) {
    this.#tail = { filter, after: null };
  }

  /** Asks for the newest and shows them, whatever was shown. */
  async reload(): Promise<void> {
    await this.#inTurn(async () => {
      const page = await this.ask({ filter: this.filter, after: null, withCount: true });
      this.#waiting.clear();
      this.#tail = { filter: this.filter, after: page.pageInfo.endCursor };
      this.#change({
        rows: page.nodes.map((row) => newer(row, this.#heard.get(row.id))),
        totalCount: page.totalCount ?? null,
        hasMore: page.pageInfo.hasNextPage,
        isBehind: false,
      });
    });
  }

  /** Asks for what follows. */
  async loadMore(): Promise<void> {
    const { hasMore, isLoading } = this.state.get();
    if (!hasMore || isLoading) return;
    await this.#inTurn(async () => {
      // Where ids and times differ in order, a page may have nothing that is new.
      for (let isNew = false; !isNew && this.state.get().hasMore; ) {
        const { nodes, pageInfo } = await this.ask({ ...this.#tail, withCount: false });
        this.#tail.after = pageInfo.endCursor;
        const rows = this.state.get().rows ?? [];
        const last = rows.at(-1);
        const older = nodes.filter(({ id }) => !last || id < last.id);
        isNew = older.length > 0;
        this.#change({ rows: [...rows, ...older], hasMore: pageInfo.hasNextPage });
      }
    });
  }

  /** Something may have been missed: takes up what is newest. */
  async catchUp(footing: () => Footing): Promise<void> {
    await this.#asking;
    const { rows } = this.state.get();
    if (!rows) return this.reload();
    const page = await this.ask({ filter: this.filter, after: null, withCount: false });
    const oldest = page.nodes.at(-1);
    const isComplete = !page.pageInfo.hasNextPage || (oldest && rows.some(({ id }) => id === oldest.id));
    if (!isComplete && footing().mayMove) return this.reload();
    if (!isComplete) return this.#fallBehind();
    for (const row of page.nodes) this.hear(row);
    this.settle(footing());
  }

  /** Takes note of a delivery as it is now. */
  hear(row: ListedDelivery): void {
    const known = this.#heard.get(row.id);
    this.#heard.set(row.id, known ? newer(known, row) : row);
  }

  get heardCount(): number {
    return this.#heard.size;
  }

  /** Changes rows in place; those that come or go do so only where rows may move. */
  settle({ mayMove, kept }: Footing): void {
    const before = this.state.get();
    if (!before.rows) return;
    const rows: ListedDelivery[] = [];
    let gone = 0;
    for (const row of before.rows) {
      const now = newer(row, this.#heard.get(row.id));
      this.#heard.delete(row.id);
      if (mayMove && row.id !== kept && !matches(this.filter, now)) gone += 1;
      else rows.push(now);
    }
    const last = before.hasMore ? before.rows.at(-1) : undefined;
    for (const [id, row] of this.#heard) {
      const isInReach = !last || id > last.id;
      if (isInReach && mayCome(this.filter, row)) this.#waiting.set(id, newer(row, this.#waiting.get(id)));
      else this.#waiting.delete(id);
    }
    this.#heard.clear();
    const coming = mayMove && !before.isBehind ? this.#takeWaiting() : [];
    const totalCount = before.totalCount === null ? null : before.totalCount + coming.length - gone;
    this.#change({ ...this.#trim(merge(rows, coming), before.hasMore, mayMove), totalCount });
    if (before.isBehind || this.#waiting.size > MAX_WAITING) this.#fallBehind();
  }

  /** Its deliveries are gone with it. */
  forgetEndpoint(endpointId: string): void {
    const { rows = [], totalCount } = this.state.get();
    const isOther = ({ endpoint }: ListedDelivery) => endpoint?.id !== endpointId;
    const left = rows.filter(isOther);
    for (const heard of [this.#waiting, this.#heard]) {
      for (const [id, row] of heard) if (!isOther(row)) heard.delete(id);
    }
    if (left.length === rows.length) return;
    this.#change({ rows: left, totalCount: totalCount && totalCount - (rows.length - left.length) });
  }

  #takeWaiting(): ListedDelivery[] {
    const rows = [...this.#waiting.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    this.#waiting.clear();
    return rows;
  }

  #trim(rows: ListedDelivery[], hasMore: boolean, mayMove: boolean): Pick<FeedState, 'rows' | 'hasMore'> {
    if (!mayMove || rows.length <= KEPT_AT_TOP) return { rows, hasMore };
    const kept = rows.slice(0, KEPT_AT_TOP);
    const to = new Date(Date.parse(kept.at(-1)!.createdAt) + ORDER_SLACK_MS).toISOString();
    const isAfterAll = this.filter.createdAt?.to && this.filter.createdAt.to < to;
    const createdAt = isAfterAll ? this.filter.createdAt : { ...this.filter.createdAt, to };
    this.#tail = { filter: { ...this.filter, createdAt }, after: null };
    return { rows: kept, hasMore: true };
  }

  #fallBehind(): void {
    this.#waiting.clear();
    this.#change({ isBehind: true });
  }

  /** One after the other: a list that is asked for anew must not grow meanwhile. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#asking
      .then(() => this.#change({ isLoading: true }))
      .then(work)
      .finally(() => this.#change({ isLoading: false }));
    this.#asking = done.catch(() => {});
    return done;
  }

  #change(change: Partial<FeedState>): void {
    this.state.set({ ...this.state.get(), ...change, waitingCount: this.#waiting.size });
  }
}

function newer(row: ListedDelivery, other: ListedDelivery | undefined): ListedDelivery {
  return other && other.version > row.version ? other : row;
}

/** Both are newest first. */
function merge(rows: ListedDelivery[], coming: readonly ListedDelivery[]): ListedDelivery[] {
  if (coming.length === 0) return rows;
  const merged: ListedDelivery[] = [];
  let next = 0;
  for (const row of rows) {
    while (next < coming.length && coming[next]!.id > row.id) merged.push(coming[next++]!);
    merged.push(row);
  }
  return merged.concat(coming.slice(next));
}

/**
 * Whether the service would list one that was not. Which endpoints is what the subscription is asked for; and an event's
 * deliveries are all there as soon as one is, so none comes later.
 */
function mayCome(filter: DeliveryFilter, row: ListedDelivery): boolean {
  return !filter.eventId && matches(filter, row);
}

/** Whether the service would still list one that it has listed. */
function matches({ statuses, eventTypes, createdAt }: DeliveryFilter, row: ListedDelivery): boolean {
  return (
    (!statuses || statuses.includes(row.status)) &&
    (!eventTypes || eventTypes.includes(row.eventType)) &&
    (!createdAt?.from || row.createdAt >= createdAt.from) &&
    (!createdAt?.to || row.createdAt < createdAt.to)
  );
}
