import { createSourceEventStream, type ExecutionResult, execute } from 'graphql';
import type { Log } from '../log.js';
import type { ApiContext } from './context.js';
import type { PreparedSubscription } from './prepare-operation.js';

/**
 * Starts a subscription; the errors alone if it does not start. Each event is executed with a context of its own, because
 * loaders remember what they have read.
 *
 * GraphQL's own `subscribe` executes every event with the context of the first, and lets a client that leaves wait for
 * the next event.
 */
export async function runSubscription(
  subscription: PreparedSubscription,
  createContext: () => ApiContext,
  log: Log,
): Promise<ResultStream | ExecutionResult> {
  const events = await createSourceEventStream({ ...subscription, contextValue: createContext() });
  if (!(Symbol.asyncIterator in events)) return events;
  const toResult = async (event: unknown) =>
    execute({ ...subscription, rootValue: event, contextValue: createContext() });
  return new ResultStream(events[Symbol.asyncIterator](), toResult, log);
}

type Step = IteratorResult<ExecutionResult, undefined>;

const OVER: Step = { done: true, value: undefined };

/** A result for each event, made when it is asked for. `return` ends it at once, whatever is under way. */
export class ResultStream implements AsyncIterableIterator<ExecutionResult, undefined> {
  #isOver = false;
  /** Answers whoever waits for a result that there is none. */
  #letGo = () => {};

  constructor(
    private readonly events: AsyncIterator<unknown>,
    private readonly toResult: (event: unknown) => Promise<ExecutionResult>,
    private readonly log: Log,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    return new Promise((resolve, reject) => {
      this.#letGo = () => resolve(OVER);
      this.#step().then(resolve, (error: unknown) => {
        reject(error);
        void this.return();
      });
    });
  }

  /** Never rejects: not everybody who calls it looks. */
  async return(): Promise<Step> {
    if (this.#isOver) return OVER;
    this.#isOver = true;
    this.#letGo();
    // Not waited for: an event source may finish what it is doing first.
    this.#leave().catch((error) => this.log.error({ err: error }, 'event source did not end'));
    return OVER;
  }

  async #step(): Promise<Step> {
    if (this.#isOver) return OVER;
    const event = await this.events.next();
    if (event.done) this.#isOver = true;
    if (this.#isOver) return OVER;
    return { done: false, value: await this.toResult(event.value) };
  }

  async #leave(): Promise<void> {
    await this.events.return?.();
  }
}
