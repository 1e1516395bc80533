import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import {
  CloseCode,
  type Message,
  MessageType,
  parseMessage,
  type SubscribeMessage,
  stringifyMessage,
} from 'graphql-ws';
import type { Caller } from '../access/account.js';
import { rateLimited } from '../api/errors.js';

/** One end of a socket. */
export interface Wire {
  /** Resolves once the message is on its way, or lost with the socket. */
  send(text: string): Promise<void>;
  close(code: number, reason: string): void;
}

/** How to part with a client. */
export interface Parting {
  readonly code: number;
  readonly reason: string;
}

/** What is done for a client, and how its mistakes are put. */
export interface SubscriptionHost {
  /** Who presents these credentials, or how to part with whoever does. */
  identify(authorization: string | undefined): Promise<{ caller: Caller } | Parting>;
  /** Lets the caller in until what it answers is called, or says why not. Calls `close` when it is to go before that. */
  enter(caller: Caller, close: (parting: Parting) => void): (() => void) | Parting;
  /** Errors if the operation cannot run; else its results, or the only one there is. Their `return` never rejects. */
  start(caller: Caller, operation: SubscribeMessage['payload']): Promise<Started>;
  describe(errors: readonly GraphQLError[]): GraphQLFormattedError[];
}

export type Started = readonly GraphQLError[] | ExecutionResult | AsyncIterableIterator<ExecutionResult>;

/** @see https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number */
export const TRY_AGAIN_LATER = 1013;

/** What clients are told while the database is away; they connect again by themselves. */
export const AWAY = { code: TRY_AGAIN_LATER, reason: 'The service cannot reach its database at the moment.' };

const INIT_TIMEOUT_MS = 3_000;
const MAX_SUBSCRIPTIONS = 100;

/** A subscription of the client, without results until it has started. */
interface Running {
  results?: AsyncIterableIterator<ExecutionResult>;
}

/**
 * What is said on one socket, by the protocol `graphql-transport-ws`.
 *
 * The server that comes with `graphql-ws` knows subscriptions by their ids alone, and never leaves one whose id was used
 * again at once. Here each is known by itself.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export class Conversation {
  #isInitialised = false;
  #caller: Caller | null = null;
  #isOver = false;
  #leaveSession: (() => void) | undefined;
  readonly #running = new Map<string, Running>();
  readonly #initTimeout: NodeJS.Timeout;

  constructor(
    private readonly wire: Wire,
    private readonly host: SubscriptionHost,
  ) {
    this.#initTimeout = setTimeout(() => {
      wire.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
    }, INIT_TIMEOUT_MS);
  }

  /** Takes a message in. Resolves once all is said about it: for a subscription, when that is over. */
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
    this.#isOver = true;
    clearTimeout(this.#initTimeout);
    this.#leaveSession?.();
    for (const id of this.#running.keys()) this.#leave(id);
  }

  async #initialise(payload: Record<string, unknown>): Promise<void> {
    if (this.#isInitialised) {
      return this.wire.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
    }
    this.#isInitialised = true;
    clearTimeout(this.#initTimeout);
    const identified = await this.host.identify(authorizationOf(payload));
    if (!('caller' in identified)) return this.wire.close(identified.code, identified.reason);
    if (this.#isOver) return;
    const entered = this.host.enter(identified.caller, ({ code, reason }) => this.wire.close(code, reason));
    if (typeof entered !== 'function') return this.wire.close(entered.code, entered.reason);
    this.#leaveSession = entered;
    this.#caller = identified.caller;
    await this.#say({ type: MessageType.ConnectionAck });
  }

  async #subscribe({ id, payload }: SubscribeMessage): Promise<void> {
    if (!this.#caller) return this.wire.close(CloseCode.Unauthorized, 'Unauthorized');
    if (this.#running.has(id)) {
      // A reason has room for 123 bytes, and an id is as long as its client likes.
      return this.wire.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id.slice(0, 20)} already exists`);
    }
    if (this.#running.size >= MAX_SUBSCRIPTIONS) return this.#say(this.#refusal(id, [tooManySubscriptions()]));
    const running: Running = {};
    this.#running.set(id, running);
    const last = await this.#run(this.#caller, id, payload, running);
    if (this.#running.get(id) !== running) return;
    // Before that is said: the client may use the id again at once.
    this.#running.delete(id);
    await this.#say(last);
  }

  /** Says what the operation brings, and answers what there is to say at its end. */
  async #run(
    caller: Caller,
    id: string,
    operation: SubscribeMessage['payload'],
    running: Running,
  ): Promise<Message<MessageType.Complete | MessageType.Error>> {
    try {
      const started = await this.host.start(caller, operation);
      if (isErrors(started)) return this.#refusal(id, started);
      const isLeft = this.#running.get(id) !== running;
      if ('next' in started) {
        running.results = started;
        if (isLeft) await started.return?.();
        for await (const result of started) await this.#sayNext(id, result);
      } else if (!isLeft) {
        await this.#sayNext(id, started);
      }
      return { id, type: MessageType.Complete };
    } catch (error) {
      const fault = error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error });
      return this.#refusal(id, [fault]);
    }
  }

  #leave(id: string): void {
    const running = this.#running.get(id);
    this.#running.delete(id);
    void running?.results?.return?.();
  }

  #sayNext(id: string, result: ExecutionResult): Promise<void> {
    const { errors } = result;
    if (errors)
      return this.#say({ id, type: MessageType.Next, payload: { ...result, errors: this.#describe(errors) } });
    return this.wire.send(`{"id":${JSON.stringify(id)},"type":"${MessageType.Next}","payload":${textOf(result)}}`);
  }

  #refusal(id: string, errors: readonly GraphQLError[]): Message<MessageType.Error> {
    return { id, type: MessageType.Error, payload: this.#describe(errors) };
  }

  /** While the database is away nothing true can be told: the client is to come again, and go on where it was. */
  #describe(errors: readonly GraphQLError[]): GraphQLFormattedError[] {
    const described = this.host.describe(errors);
    if (described.some(({ extensions }) => extensions?.code === 'UNAVAILABLE')) this.wire.close(AWAY.code, AWAY.reason);
    return described;
  }

  #say<Type extends MessageType>(message: Message<Type>): Promise<void> {
    return this.wire.send(stringifyMessage(message));
  }
}

/** Of results that many subscribers get. */
const texts = new WeakMap<ExecutionResult, string>();

function textOf(result: ExecutionResult): string {
  const text = texts.get(result) ?? JSON.stringify(result);
  texts.set(result, text);
  return text;
}

/** Null for what is no message. */
function read(text: string): Message | null {
  try {
    return parseMessage(text);
  } catch {
    return null;
  }
}

function isErrors(started: Started): started is readonly GraphQLError[] {
  return Array.isArray(started);
}

/** The `authorization` of a `connection_init`; clients write its name in any letter case, as they would a header's. */
function authorizationOf(payload: Record<string, unknown>): string | undefined {
  const value = Object.entries(payload).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  return typeof value === 'string' ? value : undefined;
}

function tooManySubscriptions(): GraphQLError {
  return rateLimited(
    `There are ${MAX_SUBSCRIPTIONS} subscriptions on this socket already. Complete one first, or open another socket.`,
  );
}
