import { type Client, createClient, type FormattedExecutionResult } from 'graphql-ws';
import { type ClientOptions, WebSocket } from 'ws';
import type { ApiClient } from './api.js';
import { Inbox } from './inbox.js';

const SUBPROTOCOL = 'graphql-transport-ws';
const RETRY_AFTER_MS = 50;

export interface LiveError {
  message: string;
  path?: readonly (string | number)[];
  extensions: { code: string };
}

/** How a socket came to its end; 1006 is without a word. */
export interface Close {
  code: number;
  reason: string;
}

/** A WebSocket that remembers how it was closed. */
class Socket extends WebSocket {
  readonly whenClosed: Promise<Close>;

  constructor(url: string, protocols: string | string[], options: ClientOptions) {
    super(url, protocols, options);
    this.whenClosed = new Promise((resolve) => {
      this.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    // What goes wrong closes it as well.
    this.on('error', () => {});
  }
}

export interface ConnectOptions {
  /** How often to connect again after the socket is lost; never, unless told otherwise. */
  retryAttempts?: number;
  /** Of the request that opens the socket; `origin` makes it one from a web page. */
  headers?: Record<string, string>;
}

/**
 * A customer's program that follows what happens, with the client library that most use.
 *
 * ```ts
 * await using live = await LiveClient.connect(setup.api);
 * const updates = live.subscribe<{ deliveryUpdated: { kind: string } }>('subscription { deliveryUpdated { kind } }');
 * await updates.until(({ deliveryUpdated }) => deliveryUpdated.kind === 'READY');
 * ```
 */
export class LiveClient implements AsyncDisposable {
  /** Resolves once the service has acknowledged the credentials; rejects with the code and the reason if it hangs up. */
  static async connect(api: ApiClient, { retryAttempts = 0, headers }: ConnectOptions = {}): Promise<LiveClient> {
    const sockets: Socket[] = [];
    class ClientSocket extends Socket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { headers });
        sockets.push(this);
      }
    }
    return new Promise((resolve, reject) => {
      const client = createClient({
        url: socketUrl(api),
        webSocketImpl: ClientSocket,
        connectionParams: api.apiKey === null ? undefined : { authorization: `Bearer ${api.apiKey}` },
        lazy: false,
        retryAttempts,
        retryWait: () => new Promise((wake) => setTimeout(wake, RETRY_AFTER_MS)),
        onNonLazyError: (error) => reject(toError(error)),
        on: { connected: () => resolve(new LiveClient(client, sockets)) },
      });
    });
  }

  private constructor(
    readonly client: Client,
    private readonly sockets: readonly Socket[],
  ) {}

  /** The socket in use: another one after each reconnection. */
  get socket(): Socket {
    return this.sockets.at(-1)!;
  }

  /** How often it has connected. */
  get connections(): number {
    return this.sockets.length;
  }

  /** Starts a subscription. The service has started it once the first update is there. */
  subscribe<Data>(query: string, variables: Record<string, unknown> = {}): LiveSubscription<Data> {
    return new LiveSubscription(this.client, query, variables);
  }

  /** Reads nothing more from the network, as a program that hangs. The operating system takes some in for a while. */
  pause(): void {
    this.socket.pause();
  }

  /** Reads on. */
  resume(): void {
    this.socket.resume();
  }

  /** Tears the connection down without a word, as a crash or a lost network does. */
  kill(): void {
    this.socket.terminate();
  }

  /** Resolves with the code and the reason once the socket in use is closed. */
  async closed(): Promise<Close> {
    return this.socket.whenClosed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.dispose();
    this.socket.terminate();
    await this.socket.whenClosed;
  }
}

type Result<Data> =
  | { kind: 'data'; data: Data }
  | { kind: 'errors'; errors: readonly LiveError[] }
  | { kind: 'completed' };

/** What came of one subscription. */
export class LiveSubscription<Data> {
  readonly #inbox: Inbox<Result<Data>>;
  readonly #unsubscribe: () => void;

  constructor(client: Client, query: string, variables: Record<string, unknown>) {
    this.#inbox = new Inbox(query);
    this.#unsubscribe = client.subscribe<Data>(
      { query, variables },
      {
        next: ({ data, errors }: FormattedExecutionResult<Data>) => {
          if (errors) this.#inbox.push({ kind: 'errors', errors: errors as unknown as LiveError[] });
          else this.#inbox.push({ kind: 'data', data: data as Data });
        },
        error: (error) => {
          if (Array.isArray(error)) this.#inbox.push({ kind: 'errors', errors: error as LiveError[] });
          this.#inbox.end(toError(error).message);
        },
        complete: () => {
          this.#inbox.push({ kind: 'completed' });
          this.#inbox.end('it is completed');
        },
      },
    );
  }

  /** The data of every update so far, oldest first. */
  get seen(): Data[] {
    return this.#inbox.seen.flatMap((result) => (result.kind === 'data' ? [result.data] : []));
  }

  /** The data of the next update; rejects when that is an error, when there will be none, and after `timeoutMs`. */
  async next(timeoutMs?: number): Promise<Data> {
    return this.until(() => true, timeoutMs);
  }

  /** The next update that is as wanted. Those before it are passed over. */
  async until(isWanted: (data: Data) => boolean, timeoutMs?: number): Promise<Data> {
    const result = await this.#inbox.until((one) => one.kind !== 'data' || isWanted(one.data), timeoutMs);
    if (result.kind === 'data') return result.data;
    throw new Error(`No update as wanted, but ${JSON.stringify(result)}`);
  }

  /** The errors that it fails with. */
  async errors(timeoutMs?: number): Promise<readonly LiveError[]> {
    const result = await this.#inbox.until(({ kind }) => kind === 'errors', timeoutMs);
    return result.kind === 'errors' ? result.errors : [];
  }

  /** Resolves once the service has completed it. */
  async completed(timeoutMs?: number): Promise<void> {
    await this.#inbox.until(({ kind }) => kind === 'completed', timeoutMs);
  }

  /** Ends it from this side. */
  complete(): void {
    this.#unsubscribe();
  }
}

/** A message of the protocol. */
export interface Message {
  type: string;
  id?: string;
  payload?: unknown;
}

/** A socket without a client library, for what no library would do. */
export class RawSocket implements AsyncDisposable {
  /** Resolves once the socket is open, before anything is said. Rejects with the status if the service refuses it. */
  static async open(
    api: ApiClient,
    { protocols = [SUBPROTOCOL], ...options }: { protocols?: string[] } & ClientOptions = {},
  ): Promise<RawSocket> {
    const socket = new Socket(socketUrl(api), protocols, options);
    const raw = new RawSocket(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return raw;
  }

  /** Opens a socket, and is acknowledged. */
  static async connect(api: ApiClient, options: ClientOptions = {}): Promise<RawSocket> {
    const socket = await RawSocket.open(api, options);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${api.apiKey}` } });
    await socket.messages.until(({ type }) => type === 'connection_ack');
    return socket;
  }

  readonly messages = new Inbox<Message>('messages');

  private constructor(readonly socket: Socket) {
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as Message));
    socket.on('close', (code, reason) => this.messages.end(`the socket is closed: ${code} ${reason}`));
  }

  /** Sends a message, or text as it is. */
  send(message: Message | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, rest: object = {}): void {
    this.send({ type: 'subscribe', id, payload: { query, ...rest } });
  }

  /** Resolves with the code and the reason once it is closed. */
  async closed(): Promise<Close> {
    return this.socket.whenClosed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await this.closed();
  }
}

/** The address of subscriptions. */
export function socketUrl({ url }: ApiClient): string {
  return `${url.replace(/^http/, 'ws')}/graphql`;
}

/** The client reports close events, lists of GraphQL errors and exceptions alike. */
function toError(error: unknown): Error {
  if (error instanceof Error) return error;
  const { code, reason, message } = error as { code?: number; reason?: string; message?: string };
  if (code !== undefined) return new Error(`the socket is closed: ${code} ${reason ?? ''}`);
  return new Error(message ?? JSON.stringify(error));
}
