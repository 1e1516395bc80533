import { type Client, CloseCode, createClient } from 'graphql-ws/client';
import { currentCredential, endSession } from './session.js';
import { Store } from './store.js';

/** How the socket is doing, over which everything live comes. */
export type ConnectionState =
  | { readonly status: 'connected' }
  /** `sinceMs` by the clock of the browser; `before` when there has been a connection already. */
  | { readonly status: 'away'; readonly sinceMs: number; readonly before: boolean };

const MAX_WAIT_MS = 5_000;
const FIRST_WAIT_MS = 250;
/** A sign of life is asked for so often, and has to come within the same time. */
const KEEP_ALIVE_MS = 5_000;

/**
 * The one socket of a session. It connects at once and again for ever, waits at most five seconds in between, and tells
 * when something may have been missed.
 */
export class Connection {
  readonly socket: Client;
  readonly state: Store<ConnectionState>;
  readonly #stale = new Set<() => void>();
  #wake: () => void = () => {};
  #pongTimeout: number | undefined;

  constructor() {
    let credential = '';
    this.state = new Store<ConnectionState>({ status: 'away', sinceMs: Date.now(), before: false });
    this.socket = createClient({
      url: `${window.location.origin.replace(/^http/, 'ws')}/graphql`,
      connectionParams: () => {
        credential = currentCredential();
        return { authorization: `Bearer ${credential}` };
      },
      lazy: false,
      // What ends a subscription is told to whoever subscribed.
      onNonLazyError: () => {},
      shouldRetry: () => true,
      retryAttempts: Infinity,
      retryWait: (retries) => this.#wait(retries),
      keepAlive: KEEP_ALIVE_MS,
      on: {
        connected: () => this.#connected(),
        closed: (event) => {
          this.#away();
          if ((event as CloseEvent).code === CloseCode.Forbidden) endSession(credential);
        },
        ping: (received) => {
          if (!received) this.#pongTimeout = window.setTimeout(() => this.socket.terminate(), KEEP_ALIVE_MS);
        },
        pong: (received) => {
          if (received) window.clearTimeout(this.#pongTimeout);
        },
      },
    });
    window.addEventListener('online', this.tryNow);
    document.addEventListener('visibilitychange', this.tryNow);
  }

  /** Tells whenever what is shown may be out of date. */
  onStale(listener: () => void): () => void {
    this.#stale.add(listener);
    return () => this.#stale.delete(listener);
  }

  /** Something was missed that cannot be told any more: whatever is shown has to be asked for again. */
  announceStale(): void {
    for (const listener of this.#stale) listener();
  }

  /** Ends a wait between two attempts to connect. */
  readonly tryNow = (): void => this.#wake();

  close(): void {
    window.removeEventListener('online', this.tryNow);
    document.removeEventListener('visibilitychange', this.tryNow);
    window.clearTimeout(this.#pongTimeout);
    this.#wake();
    // It fails where there was no connection to close.
    Promise.resolve(this.socket.dispose()).catch(() => {});
  }

  #connected(): void {
    const state = this.state.get();
    this.state.set({ status: 'connected' });
    if (state.status === 'away' && state.before) this.announceStale();
  }

  #away(): void {
    window.clearTimeout(this.#pongTimeout);
    if (this.state.get().status === 'connected') {
      this.state.set({ status: 'away', sinceMs: Date.now(), before: true });
    }
  }

  /** Longer each time, and for each reader another time, so that a service that comes back is not overrun. */
  #wait(retries: number): Promise<void> {
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** retries, MAX_WAIT_MS) * (0.75 + Math.random() / 4);
    return new Promise((resolve) => {
      const timer = window.setTimeout(resolve, waitMs);
      this.#wake = () => {
        window.clearTimeout(timer);
        resolve();
      };
    });
  }
}
