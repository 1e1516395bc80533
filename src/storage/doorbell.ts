import pg from 'pg';
import { KEEP_ALIVE } from './database.js';

/** What a ring means. It carries nothing: whoever hears it looks for itself. */
export type Ring = 'due' | 'settled' | 'changed' | 'catalog';

const RINGS: readonly Ring[] = ['due', 'settled', 'changed', 'catalog'];
const RECONNECT_AFTER_MS = 1_000;
const CONNECTION_TIMEOUT_MS = 10_000;

export interface DoorbellOptions {
  url: string;
  name: string;
  onConnectionLost: (error: Error) => void;
}

/**
 * Wakes other processes over PostgreSQL's NOTIFY: `due` when there are attempts to make, `settled` when those of
 * test events were made, `changed` when there is something new in the feed, `catalog` when types of event were changed.
 * Everyone also looks by itself every few seconds: a ring that is lost costs latency only.
 *
 * Ring after the commit, once per batch: NOTIFY inside a busy transaction takes a lock that all of them share.
 */
export class Doorbell {
  readonly #listeners = new Map<Ring, Set<() => void>>(RINGS.map((ring) => [ring, new Set()]));
  readonly #options: DoorbellOptions;
  readonly #pending = new Set<Ring>();
  #client: pg.Client | undefined;
  #reconnect: NodeJS.Timeout | undefined;
  #ringing = false;
  #closed = false;

  private constructor(options: DoorbellOptions) {
    this.#options = options;
  }

  static async open(options: DoorbellOptions): Promise<Doorbell> {
    const doorbell = new Doorbell(options);
    try {
      await doorbell.#connect();
      return doorbell;
    } catch (error) {
      await doorbell.close();
      throw error;
    }
  }

  /** Wakes this process at once and the others soon. Never rejects. */
  ring(ring: Ring): void {
    this.#wake(ring);
    this.#pending.add(ring);
    if (!this.#ringing) void this.#send();
  }

  /** Calls `listener` at every ring, and after a reconnect, when some may have been missed. */
  on(ring: Ring, listener: () => void): () => void {
    this.#listeners.get(ring)!.add(listener);
    return () => this.#listeners.get(ring)!.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#reconnect);
    if (this.#client) leave(this.#client);
  }

  #wake(ring: Ring): void {
    for (const listener of this.#listeners.get(ring)!) listener();
  }

  /** One NOTIFY on its way at a time: rings that come meanwhile share the next. */
  async #send(): Promise<void> {
    this.#ringing = true;
    while (this.#pending.size > 0 && this.#client) {
      const rings = [...this.#pending];
      this.#pending.clear();
      const client = this.#client;
      try {
        await client.query(rings.map((ring) => `notify ${channelOf(ring)}`).join(';'));
      } catch (error) {
        this.#lose(client, error as Error);
      }
    }
    this.#ringing = false;
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: `${this.#options.name} doorbell`,
      ...KEEP_ALIVE,
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    });
    client.on('error', (error) => this.#lose(client, error));
    client.on('end', () => this.#lose(client, new Error('the connection was closed')));
    client.on('notification', ({ channel, processId }) => {
      const ownProcessId = (client as unknown as { processID: number }).processID;
      if (processId !== ownProcessId) for (const ring of RINGS) if (channelOf(ring) === channel) this.#wake(ring);
    });
    try {
      await client.connect();
      await client.query(RINGS.map((ring) => `listen ${channelOf(ring)}`).join(';'));
    } catch (error) {
      leave(client);
      throw error;
    }
    if (this.#closed) leave(client);
    else this.#client = client;
  }

  #lose(client: pg.Client, error: Error): void {
    if (this.#client !== client || this.#closed) return;
    this.#client = undefined;
    leave(client);
    this.#options.onConnectionLost(error);
    const retry = () => {
      if (this.#closed) return;
      this.#connect().then(
        () => {
          this.#reconnect = undefined;
          for (const ring of RINGS) this.#wake(ring);
        },
        () => {
          this.#reconnect = setTimeout(retry, RECONNECT_AFTER_MS);
        },
      );
    };
    this.#reconnect = setTimeout(retry, RECONNECT_AFTER_MS);
  }
}

/** Hangs up. A server that does not answer is not waited for. */
function leave(client: pg.Client): void {
  client.end().catch(() => {});
}

function channelOf(ring: Ring): string {
  return `webhooks_${ring}`;
}
