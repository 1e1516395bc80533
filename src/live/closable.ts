/**
 * An iterator that ends when its reader has had enough, also while a value is awaited: a generator alone would first
 * wait for that value. `close` has to make the generator come to its end.
 */
export function closable<Value>(
  generator: AsyncGenerator<Value, void, void>,
  close: () => void,
): AsyncIterableIterator<Value, void> {
  return {
    next: () => generator.next(),
    return() {
      close();
      return generator.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
