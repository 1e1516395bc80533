import { type Command, InvalidArgumentError, Option } from 'commander';
import { requestHeaders } from '../dispatch/sign.js';
import { decodeSigningSecret, generateSigningSecret } from '../endpoints/signing-secret.js';
import { newId, toTypeId } from '../storage/ids.js';
import { VERSION } from '../version.js';
import { furtherHelp } from './environment.js';
import { follow } from './follow.js';
import { addRemoteOptions, openApi, type RemoteOptions, readHttpUrl, readList } from './remote.js';
import { untilStopped } from './until-stopped.js';

const EVENT_PUBLISHED = `subscription ($types: [String!], $after: String) {
  eventPublished(types: $types, after: $after) { kind cursor event { id type body } }
}`;

interface PublishedEvent {
  readonly id: string;
  readonly type: string;
  readonly body: string;
}

type EventPublished = { eventPublished: { kind: string; cursor: string; event: PublishedEvent | null } };

interface ListenOptions extends RemoteOptions {
  readonly forwardTo: string;
  readonly events?: readonly string[];
  readonly secret?: string;
}

/** How long the server that events are forwarded to may take. */
const FORWARD_TIMEOUT_MS = 30_000;

/** So many of the last events are known again when they are told a second time. */
const REMEMBERED_EVENTS = 10_000;

/** Adds the command that brings events to a server on the developer's own machine, where the service could not reach it. */
export function addListen(program: Command): void {
  const command = program
    .command('listen')
    .description('forward each event to a server of yours as it is published, signed like a delivery')
    .requiredOption('--forward-to <url>', 'where to POST them, such as http://localhost:3000/webhooks', readHttpUrl)
    .option('--events <types>', 'only these types, with commas between: invoice.paid,payment.*', readList)
    .addOption(
      new Option('--secret <secret>', 'the signing secret to use; a new one if left out')
        .env('REVKEEN_WEBHOOKS_LISTEN_SECRET')
        .argParser(readSecret),
    );
  addRemoteOptions(command)
    .addHelpText(
      'after',
      furtherHelp({
        examples: {
          'revkeen-webhooks listen --forward-to http://localhost:3000/webhooks --events invoice.paid':
            'prints the signing secret to verify them with, then each event and what was answered; Ctrl+C ends it',
        },
      }),
    )
    .action(runListen);
}

async function runListen({ forwardTo, events: types, secret, ...remote }: ListenOptions): Promise<void> {
  const { signal } = untilStopped();
  const api = openApi(remote, signal);
  // Told at once, and in words, unlike what a socket is closed with.
  const { viewer } = await api.query<{ viewer: { accountId: string } }>('{ viewer { accountId } }');
  const signingSecret = secret ?? generateSigningSecret();
  console.log(`Forwarding ${types?.join(', ') ?? 'every event'} of account ${viewer.accountId} to ${forwardTo}`);
  console.log(`Signing secret  ${signingSecret}`);
  const forwarding = new Forwarding(forwardTo, signingSecret, signal);
  const options = {
    query: EVENT_PUBLISHED,
    variables: { types: types ?? null },
    signal,
    onLost: () => console.error('Connection lost; connecting again. Nothing is missed within the hour.'),
    onConnected: (isAgain: boolean) => isAgain && console.error('Connected again.'),
  };
  let isReady = false;
  try {
    await follow<EventPublished>(api, options, ({ eventPublished: { kind, event } }) => {
      if (kind === 'READY' && !isReady) console.log('Ready. Ctrl+C ends it.');
      if (kind === 'READY') isReady = true;
      if (kind === 'RESYNC_REQUIRED') console.error('Away for too long: some events were missed.');
      if (event) forwarding.add(event);
    });
  } finally {
    console.log(await forwarding.finish());
  }
}

/** Forwards events one after the other, each once. */
class Forwarding {
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
    return `Forwarded ${this.#sent} events; ${this.#failed} of them were not answered with 2xx.`;
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

function readSecret(text: string): string {
  if (text.startsWith('whsec_') && decodeSigningSecret(text).length >= 24) return text;
  throw new InvalidArgumentError('A signing secret is whsec_ and base64 of 24 or more bytes.');
}
