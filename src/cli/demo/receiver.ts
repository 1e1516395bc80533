import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { createAuthority, createServerCertificate } from '../certificates.js';
import { faultOf } from '../signatures.js';

/** What an endpoint answers. */
export interface Answer {
  readonly status: number;
  /** How long it thinks first; not at all if left out. */
  readonly afterMs?: number;
}

/** A request whose signatures were right. */
export interface Receipt {
  /** Such as `/billing`. */
  readonly path: string;
  /** `evt_…` */
  readonly eventId: string;
  /** By the clock of `performance.now()`. */
  readonly atMs: number;
}

export interface ReceiverOptions {
  /** Told of each request, after it has been verified. */
  onReceipt(): void;
  /** Told of a request that did not pass, with a sentence. It is answered 401. */
  onForgery(message: string): void;
}

const FINE: Answer = { status: 200 };

/** A customer's HTTPS server with several endpoints. It verifies every request before it does anything with it. */
export class Receiver {
  /** Listens on a free port of this machine, with a certificate of its own authority. */
  static async open(options: ReceiverOptions): Promise<Receiver> {
    const authority = await createAuthority('Demonstration authority');
    const certificate = await createServerCertificate({ name: 'Receiver', authority, addresses: ['127.0.0.1'] });
    const server = createServer(certificate);
    const receiver = new Receiver(server, authority.cert, options);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  readonly receipts: Receipt[] = [];
  readonly #secrets = new Map<string, string>();
  readonly #answers = new Map<string, (count: number) => Answer>();

  private constructor(
    private readonly server: Server,
    /** The authority's certificate (PEM). */
    readonly ca: string,
    private readonly options: ReceiverOptions,
  ) {
    server.on('request', (request, response) => {
      // A caller that leaves before it has the answer notices that by itself.
      this.#receive(request, response).catch(() => response.destroy());
    });
  }

  urlOf(path: string): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  /** From now on requests to `path` are verified with this secret. */
  trust(path: string, secret: string): void {
    this.#secrets.set(path, secret);
  }

  /** What `path` answers from now on, given how many requests it has received, this one included. */
  answer(path: string, answer: (count: number) => Answer): void {
    this.#answers.set(path, answer);
  }

  /** What `path` has received, oldest first. */
  receiptsAt(path: string): Receipt[] {
    return this.receipts.filter((receipt) => receipt.path === path);
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const body = await text(request);
    const secret = this.#secrets.get(path);
    const fault =
      secret === undefined ? 'nobody is there' : faultOf({ headers: request.headers, body }, secret, new Date());
    if (fault !== null) {
      response.writeHead(401).end();
      return this.options.onForgery(`a request to ${path} did not pass: ${fault}`);
    }
    this.receipts.push({ path, eventId: String(request.headers['webhook-id']), atMs: performance.now() });
    this.options.onReceipt();
    const { status, afterMs = 0 } = this.#answers.get(path)?.(this.receiptsAt(path).length) ?? FINE;
    if (afterMs > 0) await delay(afterMs);
    response.writeHead(status, { 'content-type': 'text/plain' }).end(status < 300 ? 'thank you' : 'not now');
  }
}
