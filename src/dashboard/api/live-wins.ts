import type { ApolloLink } from '@apollo/client';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { finalize, tap } from 'rxjs';
import { type Fields, forEachObject } from './objects-of.js';

type Asked = Pick<ApolloLink.Operation, 'query' | 'variables'>;

/**
 * While an answer is on its way, an update may overtake it; the answer then shows how things were before. What changes
 * after an update is told by another one, so what came live in the meantime is never older: it replaces what the answer
 * says of the same field of the same object.
 */
export class LiveWins {
  #underWay = 0;
  /** What came live since the oldest request under way was made: by object, then by field and its arguments. */
  readonly #updated = new Map<string, Fields>();

  /** For requests. */
  correct<Result extends ApolloLink.Result>(asked: Asked): MonoTypeOperatorFunction<Result> {
    this.#underWay += 1;
    return (results) =>
      results.pipe(
        tap(({ data }) => {
          if (this.#updated.size === 0) return;
          forEachObject(asked, data, (key, object, fieldKeys) => {
            const updated = this.#updated.get(key) ?? {};
            for (const [name, fieldKey] of fieldKeys) {
              if (name in object && fieldKey in updated) object[name] = updated[fieldKey];
            }
          });
        }),
        finalize(() => {
          this.#underWay -= 1;
          if (this.#underWay === 0) this.#updated.clear();
        }),
      );
  }

  /** For subscriptions. */
  note<Result extends ApolloLink.Result>(asked: Asked): MonoTypeOperatorFunction<Result> {
    return tap(({ data }) => {
      if (this.#underWay === 0) return;
      forEachObject(asked, data, (key, object, fieldKeys) => {
        const updated = this.#updated.get(key) ?? {};
        for (const [name, fieldKey] of fieldKeys) if (name in object) updated[fieldKey] = object[name];
        this.#updated.set(key, updated);
      });
    });
  }
}
