import { type Command, InvalidArgumentError, Option } from 'commander';
import { decodeSigningSecret, generateSigningSecret } from '../endpoints/signing-secret.js';
import { readHttpUrl, readList } from './arguments.js';
import { furtherHelp } from './environment.js';
import type { PublishedEvent } from './forwarding.js';
import { addRemoteOptions, openApi, type RemoteOptions } from './remote.js';
import { untilStopped } from './until-stopped.js';

const EVENT_PUBLISHED = `subscription ($types: [String!], $after: String) {
  eventPublished(types: $types, after: $after) { kind cursor event { id type body } }
}`;

type EventPublished = { eventPublished: { kind: string; cursor: string; event: PublishedEvent | null } };

interface ListenOptions extends RemoteOptions {
  readonly forwardTo: string;
  readonly events?: readonly string[];
  readonly secret?: string;
}

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
  const [{ follow }, { Forwarding }] = await Promise.all([import('./follow.js'), import('./forwarding.js')]);
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

function readSecret(text: string): string {
  if (text.startsWith('whsec_') && decodeSigningSecret(text).length >= 24) return text;
  throw new InvalidArgumentError('A signing secret is whsec_ and base64 of 24 or more bytes.');
}
