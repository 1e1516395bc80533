import { createSourceEventStream, type ExecutionResult } from 'graphql';
import type { Log } from '../log.js';
import type { ApiContext } from './context.js';
import { executeOperation } from './execute-operation.js';
import type { PreparedOperation } from './prepare-operation.js';

/** A result that others who ask the same may have as well, for as long. */
interface Shared {
  result: Promise<ExecutionResult>;
  untilMs: number;
}

const SHARED_FOR_MS = 1_000;

/** Of each event: its results, by who asks what. */
const sharedResults = new WeakMap<object, Map<string, Shared>>();

/**
 * Starts a subscription; the errors alone if it does not start. Each event is executed with a context of its own, because
 * loaders remember what they have read: GraphQL's own `subscribe` has one context for all. Where subscribers with the same
 * rights and the same operation are given the same object, all of them get one result.
 */
export async function runSubscription(
  subscription: PreparedOperation,
  createContext: () => ApiContext,
  log: Log,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const context = createContext();
  const events = await createSourceEventStream({ ...subscription, contextValue: context });
  if (!(Symbol.asyncIterator in events)) return events;
  const { query, operationName, variableValues } = subscription;
  const { accountId, scopes } = context.caller;
  const asked = JSON.stringify([accountId, scopes, query, operationName, variableValues]);
  const toResult = (event: unknown) =>
    share(event, asked, () => executeOperation(subscription, createContext(), event));
  return new ResultStream(events[Symbol.asyncIterator](), toResult, log);
}

function share(event: unknown, asked: string, execute: () => Promise<ExecutionResult>): Promise<ExecutionResult> {
  if (typeof event !== 'object' || event === null) return execute();
  const results = sharedResults.get(event) ?? new Map<string, Shared>();
  const known = results.get(asked);
  if (known && performance.now() < known.untilMs) return known.result;
  const result = execute();
  sharedResults.set(event, results.set(asked, { result, untilMs: performance.now() + SHARED_FOR_MS }));
  return result;
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
