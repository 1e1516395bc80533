import { idAt } from './ids.js';

/** From inclusive, to exclusive; what is left out is open. */
export interface InstantRange {
  from?: Date | null;
  to?: Date | null;
}

/** Ids may be this much later than the row they name: within a process they never go back, though clocks do. */
const ID_SLACK_MS = 2_000;

interface Query {
  andWhere(condition: string, parameters?: object): unknown;
}

/** Keeps rows created within a range; bounds on the id keep the days outside of it untouched. */
export function whereCreated(query: Query, alias: string, { from, to }: InstantRange): void {
  if (from) {
    query.andWhere(`${alias}.createdAt >= :from and ${alias}.id >= :fromId`, { from, fromId: idAt(from.getTime()) });
  }
  if (to) {
    query.andWhere(`${alias}.createdAt < :to and ${alias}.id < :toId`, {
      to,
      toId: idAt(to.getTime() + ID_SLACK_MS),
    });
  }
}
