import { setTimeout as delay } from 'node:timers/promises';
import { type ApiClient, GraphqlFailure } from '../api.js';
import type { TestDatabase } from '../database.js';
import type { Receiver } from '../receiver.js';
import { Ledger, type Span } from './ledger.js';
import type { Random } from './random.js';

/** Services that many use at once in many ways, and what came of it. */
export interface Turmoil {
  /** One per service that answers the API. */
  readonly apis: readonly ApiClient[];
  readonly database: Pick<TestDatabase, 'query'>;
  readonly receiver: Receiver;
  /** One that the services do not trust: nothing ever gets to it. */
  readonly untrusted?: Receiver;
  readonly ledger: Ledger;
  /** Whether a request may fail, because connections to the database are being cut. */
  readonly mayFail: boolean;
}

/** One thing that somebody does. */
export type Act = (turmoil: Turmoil, random: Random) => Promise<void>;

/** Somebody who does the same thing many times, after a pause of chance each time. */
export interface Actor {
  readonly act: Act;
  readonly times: number;
  readonly longestPauseMs: number;
}

export function startTurmoil(turmoil: Omit<Turmoil, 'ledger'>): Turmoil {
  return { ...turmoil, ledger: new Ledger() };
}

/**
 * Lets all of them act at the same time, until `isOver`. Rejects with everything that went wrong, once all have ended.
 */
export async function perform(
  turmoil: Turmoil,
  actors: readonly Actor[],
  random: Random,
  isOver: () => boolean = () => false,
): Promise<void> {
  const performances = await Promise.allSettled(
    actors.map(async ({ act, times, longestPauseMs }, index) => {
      const own = random.fork(`${act.name} ${index}`);
      for (let time = 0; time < times && !isOver(); time += 1) {
        await delay(own.whole(0, longestPauseMs));
        await act(turmoil, own);
      }
    }),
  );
  const errors = performances.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'));
}

/** Asks one of the services. The answer is null when it could not say, which is an error unless requests may fail. */
export async function ask<Answer>(
  { apis, mayFail }: Turmoil,
  random: Random,
  question: (api: ApiClient) => Promise<Answer>,
): Promise<{ span: Span; answer: Answer | null }> {
  const askedAt = Date.now();
  try {
    const answer = await question(random.pick(apis));
    return { span: { askedAt, answeredAt: Date.now() }, answer };
  } catch (error) {
    if (!mayFail || isFault(error)) throw error;
    return { span: { askedAt, answeredAt: Date.now() }, answer: null };
  }
}

const PAUSE_BEFORE_ASKING_AGAIN_MS = 50;

/** Asks until there is an answer: for what does no harm when it is done twice. */
export async function insist<Answer>(
  turmoil: Turmoil,
  random: Random,
  question: (api: ApiClient) => Promise<Answer>,
): Promise<{ span: Span; answer: Answer }> {
  const askedAt = Date.now();
  for (;;) {
    const { span, answer } = await ask(turmoil, random, question);
    if (answer !== null) return { span: { askedAt, answeredAt: span.answeredAt }, answer };
    await delay(PAUSE_BEFORE_ASKING_AGAIN_MS);
  }
}

/** Whether it answered with something else than that it cannot be reached, or cannot reach its database. */
function isFault(error: unknown): boolean {
  return error instanceof GraphqlFailure && error.errors.some(({ extensions }) => extensions.code !== 'UNAVAILABLE');
}
