import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Requests in the order in which they were read to their end, a column for each thing known of them. */
export interface Received {
  eventIds: string[];
  deliveryIds: string[];
  bytes: number[];
  /** Unix milliseconds, with fractions. */
  receivedAt: number[];
}

export interface ReceiverRequest {
  id: number;
  /** `wait` is answered once so many different deliveries came; `take` with everything since the last `take`. */
  ask: 'wait' | 'take';
  count: number;
}

export interface ReceiverAnswer {
  id: number;
  received: Received | null;
  port?: number;
}

/** How endpoints are answered: with 200 at once, with a 500, or never. */
export type Behaviour = 'ok' | '500' | 'hang';

/** A receiver in a process of its own, which notes every request that it answers with 200. */
export class Receiver implements AsyncDisposable {
  static async start(): Promise<Receiver> {
    const child = fork(join(import.meta.dirname, 'receiver-process.ts'), { serialization: 'advanced' });
    const [{ port }] = (await once(child, 'message')) as [ReceiverAnswer];
    return new Receiver(child, port!);
  }

  readonly #waiting = new Map<number, (answer: ReceiverAnswer) => void>();
  #lastId = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {
    child.on('message', (answer: ReceiverAnswer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  /** An address that is answered so. `name` tells it from others that are. */
  url(behaviour: Behaviour = 'ok', name = ''): string {
    return `http://127.0.0.1:${this.port}/${behaviour === 'ok' ? `hooks/${name}` : behaviour}`;
  }

  /** Resolves once so many different deliveries have come since the last `take`. */
  async wait(count: number): Promise<void> {
    await this.#ask('wait', count);
  }

  /** Everything that came since the last `take`. */
  async take(): Promise<Received> {
    const { received } = await this.#ask('take', 0);
    return received!;
  }

  #ask(ask: ReceiverRequest['ask'], count: number): Promise<ReceiverAnswer> {
    return new Promise((resolve) => {
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, resolve);
      this.child.send({ id: this.#lastId, ask, count } satisfies ReceiverRequest);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }
}

/** @throws Error unless every event came to so many endpoints; deliveries that came twice are allowed, and counted. */
export function verify(received: Received, eventIds: readonly string[], endpointCount = 1): { repeated: number } {
  const deliveries = new Map<string, Set<string>>();
  for (const [index, eventId] of received.eventIds.entries()) {
    const those = deliveries.get(eventId) ?? new Set();
    deliveries.set(eventId, those.add(received.deliveryIds[index]!));
  }
  const incomplete = eventIds.filter((id) => deliveries.get(id)?.size !== endpointCount);
  if (incomplete.length > 0) {
    throw new Error(
      `${incomplete.length} of ${eventIds.length} events did not come to each of ${endpointCount} endpoints`,
    );
  }
  return { repeated: received.deliveryIds.length - new Set(received.deliveryIds).size };
}
