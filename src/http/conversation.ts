import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import { CloseCode, type Message, MessageType, parseMessage, type SubscribeMessage, stringifyMessage } from 'graphql-ws';
import type { Caller } from '../access/account.js';

/** One end of a socket. */
export interface Wire {
  /** Resolves once the message is on its way; rejects if that fails, and not if the socket is closed already. */
  send(text: string): Promise<void>;
  close(code: number, reason: string): void;
}

/** What is done for a client, and in what words. */
export interface Service {
  /** Who presents these credentials; how to part with whoever is not let in. */
  identify(authorization: string | undefined): Promise<{ caller: Caller } | { code: number; reason: string }>;
  /** Starts an operation: gives the errors if it cannot run, and its results otherwise. */
  start(
    caller: Caller,
    operation: SubscribeMessage['payload'],
  ): Promise<readonly GraphQLFormattedError[] | AsyncIterableIterator<FormattedResult>>;
  /** What went wrong, as the client is told. */
  describe(error: unknown): readonly GraphQLFormattedError[];
}

export type FormattedResult = Omit<ExecutionResult, 'errors'> & { errors?: readonly GraphQLFormattedError[] };

const INIT_TIMEOUT_MS = 3_000;
const MAX_SUBSCRIPTIONS = 100;

/** A subscription of a client: without results until it has started. */
interface Running {
  results?: AsyncIterableIterator<FormattedResult>;
}

/**
 * What is said on one socket, by the protocol `graphql-transport-ws`. The server that comes with `graphql-ws` tells
 * subscriptions apart by id alone: one whose id is used again at once is never left. Here each is known by itself.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export class Conversation {
  #isInitialised = false;
  #caller: Caller | null = null;
  readonly #running = new Map<string, Running>();
  readonly #initTimeout: NodeJS.Timeout;

  constructor(
    private readonly wire: Wire,
    private readonly service: Service,
  ) {
    this.#initTimeout = setTimeout(() => {
      wire.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
    }, INIT_TIMEOUT_MS);
  }

  /** Takes a message in. Resolves once all is said that there is to say about it: for a subscription, when it is over. */
  async hear(text: string): Promise<void> {
    const message = read(text);
    switch (message?.type) {
      case MessageType.ConnectionInit:
        return this.#initialise(message.payload ?? {});
      case MessageType.Ping:
        return this.#say({ type: MessageType.Pong, ...(message.payload && { payload: message.payload }) });
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        return this.#subscribe(message);
      case MessageType.Complete:
        return this.#leave(message.id);
      default:
        this.wire.close(CloseCode.BadRequest, 'Invalid message received');
    }
  }

  /** The socket is closed: leaves everything. */
  end(): void {
    clearTimeout(this.#initTimeout);
    for (const id of this.#running.keys()) this.#leave(id);
  }

  async #initialise(payload: Record<string, unknown>): Promise<void> {
    if (this.#isInitialised) {
      return this.wire.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
    }
    this.#isInitialised = true;
    clearTimeout(this.#initTimeout);
    const identified = await this.service.identify(authorizationOf(payload));
    if (!('caller' in identified)) return this.wire.close(identified.code, identified.reason);
    this.#caller = identified.caller;
    await this.#say({ type: MessageType.ConnectionAck });
  }

  async #subscribe({ id, payload }: SubscribeMessage): Promise<void> {
    if (!this.#caller) return this.wire.close(CloseCode.Unauthorized, 'Unauthorized');
    if (this.#running.has(id)) {
      // A reason has 123 bytes at most; an id is as long as its client likes.
      return this.wire.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id.slice(0, 25)} already exists`);
    }
    if (this.#running.size >= MAX_SUBSCRIPTIONS) {
      return this.#say({ id, type: MessageType.Error, payload: this.service.describe(tooMany()) });
    }
    const running: Running = {};
    this.#running.set(id, running);
    const isLeft = () => this.#running.get(id) !== running;
    try {
      const started = await this.service.start(this.#caller, payload);
      if (isErrors(started)) {
        if (!isLeft()) await this.#say({ id, type: MessageType.Error, payload: started });
        return;
      }
      running.results = started;
      if (isLeft()) return void started.return?.();
      for await (const result of started) await this.#say({ id, type: MessageType.Next, payload: result });
      if (!isLeft()) await this.#say({ id, type: MessageType.Complete });
    } catch (error) {
      if (!isLeft()) await this.#say({ id, type: MessageType.Error, payload: this.service.describe(error) });
    } finally {
      if (!isLeft()) this.#running.delete(id);
    }
  }

  #leave(id: string): void {
    const running = this.#running.get(id);
    this.#running.delete(id);
    running?.results?.return?.();
  }

  #say<Type extends MessageType>(message: Message<Type>): Promise<void> {
    return this.wire.send(stringifyMessage(message));
  }
}
