import { once } from 'node:events';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type LiveResult, subscribeResuming } from '../../client/resume.js';
import type { Api } from '../api.js';
import { DemoError } from './demo-error.js';
import type { Watch } from './watch.js';

/** A delivery, as far as the demonstration looks at it. */
export interface DeliveryView {
  readonly id: string;
  readonly status: 'PENDING' | 'RETRYING' | 'HELD' | 'SUCCEEDED' | 'FAILED';
  readonly eventType: string;
  readonly attemptCount: number;
  readonly nextAttemptAt: string | null;
  readonly version: number;
  readonly endpoint: { readonly id: string };
  readonly lastAttempt: { readonly responseStatusCode: number | null; readonly responseTimeMs: number } | null;
}

/** Told of a delivery as it is now, and as it was last; undefined when it is new. */
export type DeliveryListener = (delivery: DeliveryView, previous: DeliveryView | undefined) => void;

type DeliveryUpdated = { deliveryUpdated: { kind: string; cursor: string; delivery: DeliveryView | null } };

const DELIVERY_UPDATED = `subscription ($after: String) {
  deliveryUpdated(after: $after) {
    kind cursor
    delivery {
      id status eventType attemptCount nextAttemptAt version endpoint { id }
      lastAttempt { responseStatusCode responseTimeMs }
    }
  }
}`;

/** The subscriptions, over one WebSocket; `deliveryUpdated` for as long as it is open. */
export class Live {
  /** Resolves once nothing is missed any more. */
  static async open(api: Api, watch: Watch): Promise<Live> {
    const live = new Live(api, watch);
    await watch.until('the subscription says READY', () => live.readyCount > 0);
    return live;
  }

  /** Every delivery heard of, as it is now, by id. */
  readonly deliveries = new Map<string, DeliveryView>();
  readonly listeners = new Set<DeliveryListener>();
  /** How often `deliveryUpdated` has begun: once more after each reconnection. */
  readyCount = 0;
  /** What all subscriptions have told, without their READY. */
  updateCount = 0;
  readonly #client: Client;
  readonly #watch: Watch;
  #socket: WebSocket | undefined;
  #mayConnect = Promise.resolve();

  private constructor({ url, apiKey }: Api, watch: Watch) {
    this.#watch = watch;
    const keep = (socket: WebSocket) => {
      this.#socket = socket;
    };
    this.#client = createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      connectionParams: { authorization: `Bearer ${apiKey}` },
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols);
          keep(this);
        }
      },
      retryWait: () => this.#mayConnect,
    });
    subscribeResuming<DeliveryUpdated>(
      this.#client,
      { query: DELIVERY_UPDATED },
      this.#sink(({ deliveryUpdated }) => this.#take(deliveryUpdated)),
    );
  }

  /** Starts another subscription; answers what ends it. */
  follow<Data extends object>(
    query: string,
    variables: Record<string, unknown>,
    onData: (data: Data) => void,
  ): () => void {
    return this.#client.subscribe<Data>({ query, variables }, this.#sink(onData));
  }

  /** How many deliveries to an endpoint are in a status. */
  count(endpointId: string, status: DeliveryView['status']): number {
    const all = [...this.deliveries.values()];
    return all.filter((one) => one.endpoint.id === endpointId && one.status === status).length;
  }

  /** Cuts the connection without a word, as a lost network does. It comes back once the function returned is called. */
  async cut(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#mayConnect = promise;
    const closed = once(this.#socket!, 'close');
    this.#socket!.terminate();
    await closed;
    return resolve;
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }

  #take({ kind, delivery }: DeliveryUpdated['deliveryUpdated']): void {
    if (kind === 'READY') this.readyCount += 1;
    if (kind === 'RESYNC_REQUIRED') this.#watch.abandon(new DemoError('the subscription has lost updates'));
    if (!delivery) return;
    const previous = this.deliveries.get(delivery.id);
    if (previous && previous.version > delivery.version) {
      this.#watch.abandon(new DemoError(`an update of ${delivery.id} is older than the one before it`));
    }
    this.deliveries.set(delivery.id, delivery);
    // An update may come twice.
    if (previous?.version === delivery.version) return;
    for (const listener of this.listeners) listener(delivery, previous);
  }

  /** Whatever a subscription says makes everyone who waits look again; an error ends the demonstration. */
  #sink<Data extends object>(onData: (data: Data) => void) {
    const fail = (error: unknown) => this.#watch.abandon(new DemoError(`a subscription failed: ${describe(error)}`));
    return {
      next: ({ data, errors }: LiveResult<Data>) => {
        if (errors || !data) return fail(errors);
        if (Object.values(data).every((update) => update.kind !== 'READY')) this.updateCount += 1;
        onData(data);
        this.#watch.notice();
      },
      error: fail,
      complete: () => this.#watch.notice(),
    };
  }
}

function describe(error: unknown): string {
  if (error instanceof Error) return error.message;
  const { code, reason } = (error ?? {}) as { code?: number; reason?: string };
  return code === undefined ? JSON.stringify(error) : `the socket was closed with ${code} ${reason}`;
}
