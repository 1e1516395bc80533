import { createHash } from 'node:crypto';
import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import type { KeysetPage, KeysetRows } from '../storage/keyset.js';
import { badUserInput } from './errors.js';

export const DEFAULT_PAGE = 25;
export const MAX_PAGE = 100;

/** Which part of a list, by Relay's conventions. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: 'How many to take from the start; 25 when left out, 100 at most.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Take what follows this cursor.' })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many to take from the end, 100 at most.' })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Take what precedes this cursor.' })
  before?: string | null;
}

@ObjectType({ description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether the list goes on after this page.' })
  hasNextPage: boolean;

  @Field(() => Boolean, { description: 'Whether there is something before this page.' })
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true, description: 'The cursor of the first item; null on an empty page.' })
  startCursor: string | null;

  @Field(() => String, { nullable: true, description: 'The cursor of the last item; null on an empty page.' })
  endCursor: string | null;
}

/** Which list a cursor is of: one of another list, or another account's, is refused. */
export interface ListName {
  kind: 'endpoints' | 'events' | 'deliveries' | 'apiKeys';
  accountId: string;
}

export interface Connection<Row> {
  edges: { cursor: string; node: Row }[];
  nodes: Row[];
  pageInfo: PageInfo;
}

/** Reads the page that the arguments ask for, and dresses it as a connection. */
export async function connect<Row extends { id: string }>(
  list: ListName,
  args: PageArgs,
  read: (page: KeysetPage) => Promise<KeysetRows<Row>>,
): Promise<Connection<Row>> {
  const page = toKeyset(list, args);
  const { rows, hasMore } = await read(page);
  const edges = rows.map((node) => ({ cursor: cursorOf(list, node.id), node }));
  const isForward = page.from === 'newest';
  return {
    edges,
    nodes: rows,
    pageInfo: {
      hasNextPage: isForward ? hasMore : page.newerThan !== undefined,
      hasPreviousPage: isForward ? page.olderThan !== undefined : hasMore,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** Lists are newest first: what comes `after` a cursor is older. */
function toKeyset(list: ListName, { first, after, last, before }: PageArgs): KeysetPage {
  if (isGiven(first) && isGiven(last)) throw badUserInput('Give `first` or `last`, not both.');
  return {
    limit: sizeOf(first, 'first') ?? sizeOf(last, 'last') ?? DEFAULT_PAGE,
    from: isGiven(last) ? 'oldest' : 'newest',
    ...(isGiven(after) && { olderThan: idOfCursor(list, after, 'after') }),
    ...(isGiven(before) && { newerThan: idOfCursor(list, before, 'before') }),
  };
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}

function sizeOf(value: number | null | undefined, name: string): number | null {
  if (!isGiven(value)) return null;
  if (value >= 0 && value <= MAX_PAGE) return value;
  throw badUserInput(`\`${name}\` is ${value}; take 0 to ${MAX_PAGE} at a time and page on with the cursors.`);
}

const ID_BYTES = 16;
const CHECK_BYTES = 6;

/** The id and a check over it, so that a cursor that was damaged or is of another list shows. */
function cursorOf(list: ListName, id: string): string {
  return Buffer.concat([Buffer.from(id.replaceAll('-', ''), 'hex'), checkOf(list, id)]).toString('base64url');
}

function idOfCursor(list: ListName, cursor: string, name: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const hex = bytes.subarray(0, ID_BYTES).toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  if (bytes.length !== ID_BYTES + CHECK_BYTES || cursorOf(list, id) !== cursor) {
    throw badUserInput(`\`${name}\` is not a cursor of this list. Use one that a page of it gave, unchanged.`);
  }
  return id;
}

function checkOf({ kind, accountId }: ListName, id: string): Buffer {
  return createHash('sha256').update(`${kind}\n${accountId}\n${id}`).digest().subarray(0, CHECK_BYTES);
}
