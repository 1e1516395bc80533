import { requestHeaders } from '../dispatch/sign.js';
import { newId, toTypeId } from '../storage/ids.js';
import { VERSION } from '../version.js';
import { counted } from './counted.js';

/** An event as it was published, with the body that its deliveries carry. */
export interface PublishedEvent {
  readonly id: string;
  readonly type: string;
  readonly body: string;
}

/** How long the server that events are forwarded to may take. */
const FORWARD_TIMEOUT_MS = 30_000;

/** So many of the last events are known again when they are told a second time. */
const REMEMBERED_EVENTS = 10_000;

/** Forwards events one after the other, each once. */
export class Forwarding {
  readonly #seen = new Set<string>();
  #last: Promise<void> = Promise.resolve();
  #sent = 0;
  #failed = 0;

  constructor(
    private readonly url: string,
    private readonly signingSecret: string,
    private readonly signal: AbortSignal,
  ) {}

  add(event: PublishedEvent): void {
    if (this.#seen.has(event.id)) return;
    this.#seen.add(event.id);
    if (this.#seen.size > REMEMBERED_EVENTS) this.#seen.delete(this.#seen.values().next().value!);
    this.#last = this.#last.then(() => this.#forward(event));
  }

  /** Waits for the one under way, and says how many there were. */
  async finish(): Promise<string> {
    await this.#last;
    return `Forwarded ${counted(this.#sent, 'event')}; ${this.#failed} not answered with 2xx.`;
  }

  async #forward(event: PublishedEvent): Promise<void> {
    if (this.signal.aborted) return;
    const startMs = performance.now();
    const answer = await this.#post(event);
    this.#sent += 1;
    if (!/^2\d\d$/.test(answer)) this.#failed += 1;
    const time = new Date().toTimeString().slice(0, 8);
    const { type, id } = event;
    console.log(`${time}  ${type.padEnd(24)}  ${id}  POST → ${answer}  ${Math.round(performance.now() - startMs)} ms`);
  }

  /** The status code, or what went wrong. */
  async #post({ id, type, body }: PublishedEvent): Promise<string> {
    const headers = requestHeaders({
      body,
      eventId: id,
      eventType: type,
      // There is no delivery: nobody has registered this server.
      deliveryId: toTypeId('dlv', newId(Date.now())),
      attemptNumber: 1,
      signingSecret: this.signingSecret,
      signatureFormat: 'SHA256',
      signatureHeader: 'X-RevKeen-Signature',
      userAgent: `RevKeen-Webhooks/${VERSION}`,
      extraHeaders: [],
      now: new Date(),
    });
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        headers: headers.map(({ name, value }): [string, string] => [name, value]),
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(FORWARD_TIMEOUT_MS),
      });
      await response.body?.cancel();
      return String(response.status);
    } catch (error) {
      const { message, cause } = error as Error;
      if (!(cause instanceof Error)) return message;
      return cause.message || String((cause as NodeJS.ErrnoException).code);
    }
  }
}
