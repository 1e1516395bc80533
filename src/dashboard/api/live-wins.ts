import type { ApolloLink } from '@apollo/client';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { finalize, tap } from 'rxjs';

type Fields = Record<string, unknown>;

/**
 * While an answer is on its way, an update may overtake it; the answer then shows how things were before. What changes
 * after an update is told by another one, so what came live in the meantime is never older: it replaces what the answer
 * says of the same object.
 */
export class LiveWins {
  #underWay = 0;
  /** What came live since the oldest request under way was made, by object. */
  readonly #updated = new Map<string, Fields>();

  /** For requests. */
  correct<Result extends ApolloLink.Result>(): MonoTypeOperatorFunction<Result> {
    this.#underWay += 1;
    return (results) =>
      results.pipe(
        tap(({ data }) => {
          if (this.#updated.size > 0) forEachObject(data, (key, object) => this.#overwrite(key, object));
        }),
        finalize(() => {
          this.#underWay -= 1;
          if (this.#underWay === 0) this.#updated.clear();
        }),
      );
  }

  /** For subscriptions. */
  note<Result extends ApolloLink.Result>(): MonoTypeOperatorFunction<Result> {
    return tap(({ data }) => {
      if (this.#underWay === 0) return;
      forEachObject(data, (key, object) => this.#updated.set(key, { ...this.#updated.get(key), ...object }));
    });
  }

  #overwrite(key: string, object: Fields): void {
    for (const [field, value] of Object.entries(this.#updated.get(key) ?? {})) {
      if (field in object) object[field] = value;
    }
  }
}

/** Visits everything that has an identity. */
function forEachObject(value: unknown, visit: (key: string, object: Fields) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) forEachObject(item, visit);
    return;
  }
  const object = value as Fields;
  if (typeof object.id === 'string') visit(`${object.__typename}:${object.id}`, object);
  for (const part of Object.values(object)) forEachObject(part, visit);
}
