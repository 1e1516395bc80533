import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { subscribeResuming } from '../../../src/client/resume.js';
import type { ApiClient } from '../api.js';
import { socketUrl } from '../live.js';

const DELIVERIES = `subscription ($after: String) {
  deliveryUpdated(after: $after) { kind cursor delivery { id status version } } }`;

/** A delivery as it was told. */
export interface Told {
  readonly id: string;
  readonly status: string;
  readonly version: number;
}

type Update = { deliveryUpdated: { kind: string; cursor: string; delivery: Told | null } };

/**
 * Somebody who watches all deliveries of an account with the project's helper, through whichever API process answers, and
 * connects again whenever the socket is lost.
 */
export class Follower implements AsyncDisposable {
  /** The last that was told of each delivery, by id. */
  readonly told = new Map<string, Told>();
  /** A sentence for everything that should not have been told so. */
  readonly wrong: string[] = [];
  connectionCount = 0;
  updateCount = 0;
  readonly #client: Client;
  readonly #sockets = new Set<WebSocket>();

  /** @param pick the API process to connect to, asked each time */
  constructor(
    readonly name: string,
    pick: () => ApiClient,
  ) {
    const sockets = this.#sockets;
    class RememberedSocket extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols);
        sockets.add(this);
        this.once('close', () => sockets.delete(this));
        this.on('error', () => {});
      }
    }
    this.#client = createClient({
      url: () => socketUrl(pick()),
      webSocketImpl: RememberedSocket,
      connectionParams: () => ({ authorization: `Bearer ${pick().apiKey}` }),
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: () => new Promise((wake) => setTimeout(wake, 100)),
      shouldRetry: () => true,
      on: {
        connected: () => {
          this.connectionCount += 1;
        },
      },
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    subscribeResuming<Update>(
      this.#client,
      { query: DELIVERIES },
      {
        next: ({ data, errors }) => {
          if (errors) this.wrong.push(`${name} got errors: ${JSON.stringify(errors)}`);
          if (data?.deliveryUpdated.kind === 'READY') resolve();
          if (data) this.#take(data.deliveryUpdated);
        },
        error: (error) => void this.wrong.push(`${name} was ended: ${JSON.stringify(error)}`),
        complete: () => {},
      },
    );
  }

  /** Resolves once it follows. */
  readonly ready: Promise<void>;

  /** Loses its connection without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.dispose();
    this.cut();
  }

  #take({ kind, delivery }: Update['deliveryUpdated']): void {
    if (kind === 'RESYNC_REQUIRED') this.wrong.push(`${this.name} was told to read everything anew`);
    if (!delivery) return;
    this.updateCount += 1;
    const before = this.told.get(delivery.id);
    if (before && before.version > delivery.version) {
      this.wrong.push(`${this.name} was told version ${delivery.version} of ${delivery.id} after ${before.version}`);
    }
    this.told.set(delivery.id, delivery);
  }
}
