import { createSourceEventStream, type ExecutionResult, execute } from 'graphql';
import type { Log } from '../log.js';
import type { ApiContext } from './context.js';
import type { PreparedSubscription } from './prepare-operation.js';

/**
 * Starts a subscription; the errors alone if it does not start. Each event is executed with a context of its own, because
 * loaders remember what they have read: GraphQL's own `subscribe` has one context for all.
 */
export async function runSubscription(
  subscription: PreparedSubscription,
  createContext: () => ApiContext,
  log: Log,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const events = await createSourceEventStream({ ...subscription, contextValue: createContext() });
  if (!(Symbol.asyncIterator in events)) return events;
  const toResult = async (event: unknown) =>
    execute({ ...subscription, rootValue: event, contextValue: createContext() });
  return new ResultStream(events[Symbol.asyncIterator](), toResult, log);
}

type Step = IteratorResult<ExecutionResult, undefined>;

const OVER: Step = { done: true, value: undefined };

/** A result for each event, made when it is asked for. Nothing comes once it was left. */
class ResultStream implements AsyncIterableIterator<ExecutionResult, undefined> {
  #isOver = false;

  constructor(
    private readonly events: AsyncIterator<unknown>,
    private readonly toResult: (event: unknown) => Promise<ExecutionResult>,
    private readonly log: Log,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Step> {
    if (this.#isOver) return OVER;
    try {
      const event = await this.events.next();
      if (event.done) this.#isOver = true;
      if (this.#isOver) return OVER;
      const value = await this.toResult(event.value);
      return this.#isOver ? OVER : { done: false, value };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  /** Leaves the source of events at once, also while one is awaited, and does not wait for it. Never rejects. */
  async return(): Promise<Step> {
    if (this.#isOver) return OVER;
    this.#isOver = true;
    this.#leave().catch((error) => this.log.error({ err: error }, 'event source did not end'));
    return OVER;
  }

  async #leave(): Promise<void> {
    await this.events.return?.();
  }
}
