/** A part of a list that is kept newest first, by id. */
export interface KeysetPage {
  limit: number;
  /** From which end of the list to take. */
  from: 'newest' | 'oldest';
  /** Only what is older than this id. */
  olderThan?: string;
  /** Only what is newer than this id. */
  newerThan?: string;
}

/** The rows of a page, newest first, and whether the list goes on at the end that was not given. */
export interface KeysetRows<Row> {
  rows: Row[];
  hasMore: boolean;
}

interface Query<Row> {
  andWhere(condition: string, parameters?: object): this;
  orderBy(column: string, order: 'ASC' | 'DESC'): this;
  limit(count: number): this;
  getMany(): Promise<Row[]>;
}

/** Reads a page: as far into a list of millions as on its first page, at the same cost. */
export async function readPage<Row>(
  query: Query<Row>,
  alias: string,
  { limit, from, olderThan, newerThan }: KeysetPage,
): Promise<KeysetRows<Row>> {
  if (olderThan !== undefined) query.andWhere(`${alias}.id < :olderThan`, { olderThan });
  if (newerThan !== undefined) query.andWhere(`${alias}.id > :newerThan`, { newerThan });
  const rows = await query
    .orderBy(`${alias}.id`, from === 'newest' ? 'DESC' : 'ASC')
    .limit(limit + 1)
    .getMany();
  const page = rows.slice(0, limit);
  return { rows: from === 'newest' ? page : page.reverse(), hasMore: rows.length > limit };
}
