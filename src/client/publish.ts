import { type PublishEventInput, type PublishEvents, PublishEventsDocument } from './documents.js';
import { type Connection, request, WebhooksError } from './request.js';

/** What became of an event. */
export type PublishedEvent = PublishEvents['publishEvents']['results'][number];

export interface PublishOptions {
  /** How long to go on while the service cannot be reached or is busy, in milliseconds; a minute if left out. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

const FIRST_WAIT_MS = 200;
const MAX_WAIT_MS = 10_000;

/**
 * Publishes events: all of them, or none. What has no idempotency key is given one, so that trying again never makes a
 * second event of the first: it is tried until it is known to have been done.
 *
 * @param events 1,000 at most
 * @returns what became of each, in their order
 * @throws {WebhooksError} when something has to be put right (`userErrors`), or nothing has answered for too long
 */
export async function publish(
  connection: Connection,
  events: readonly PublishEventInput[],
  { patienceMs = 60_000, signal }: PublishOptions = {},
): Promise<readonly PublishedEvent[]> {
  const input = events.map((event) => ({ ...event, idempotencyKey: event.idempotencyKey ?? crypto.randomUUID() }));
  const untilMs = performance.now() + patienceMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { publishEvents } = await request(connection, PublishEventsDocument, { input }, { signal });
      const { results, userErrors } = publishEvents;
      if (userErrors.length === 0) return results;
      const message = userErrors.map((error) => error.message).join(' ');
      throw new WebhooksError(message, { code: 'USER_ERRORS', userErrors });
    } catch (error) {
      if (!(error instanceof WebhooksError) || !error.isTransient) throw error;
      const waitMs = error.retryAfterSeconds ? error.retryAfterSeconds * 1_000 : backOff(attempt);
      if (performance.now() + waitMs > untilMs) throw error;
      await delay(waitMs, signal);
    }
  }
}

/** Longer each time, and for each program another time, so that a service that comes back is not overrun. */
function backOff(attempt: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** attempt, MAX_WAIT_MS) * (0.5 + Math.random() / 2);
}

function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
