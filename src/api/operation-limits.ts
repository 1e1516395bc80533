import type { GraphQLError } from 'graphql';
import { MIB } from '../units.js';
import { badUserInput } from './errors.js';

/** How large a document may be. Far beyond what people and their tools write, and small enough to be checked in a moment. */
export const DOCUMENT_LIMITS = {
  /** Characters of the document. */
  characters: 262_144,
  /** Words and signs of the document. */
  tokens: 5_000,
  /** Operations in one document. */
  operations: 25,
  /** Fragments in one document. */
  fragments: 100,
  /** Fields one within the other, fragments written out. */
  depth: 16,
  /** Fields and fragments that are asked for, fragments written out. */
  selections: 2_000,
  /** Fields at the top of one operation. */
  rootFields: 20,
  /** Fields under another name than their own, fragments written out. */
  aliases: 50,
  /** How often one field is asked for at the same place. */
  repeats: 50,
  /** Directives in one place. */
  directives: 4,
} as const;

/** How much one operation may ask for, whatever its document looks like. */
export const OPERATION_LIMITS = {
  /** Items in a list among the variables; what takes the list may allow fewer, and say so in words of its own. */
  listItems: 10_000,
  /** What it may cost; `prices.ts` says what costs how much. */
  cost: 20_000,
  /** Characters of bodies in one answer, and in one update of a subscription. */
  bodyCharacters: 32 * MIB,
  /** How long a query may take. */
  milliseconds: 10_000,
  /** Mistakes that are told at a time. */
  errors: 10,
} as const;

/** Refuses an operation that asks for too much: more than the limit of what, and what to narrow. */
export function tooMuch(limit: number, what: string, advice: string): GraphQLError {
  return badUserInput(`More than ${limit.toLocaleString('en-US')} ${what}. ${advice}`);
}
