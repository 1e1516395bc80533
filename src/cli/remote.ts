import { type Command, Option } from 'commander';
import { Api } from './api.js';
import { readServiceUrl } from './arguments.js';
import { CommandError } from './command-error.js';

/** How a command comes to the service that it talks to. */
export interface RemoteOptions {
  readonly url: string;
  readonly apiKey?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:4000';

/** Adds what every command takes that talks to a running service. */
export function addRemoteOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'where the service is')
        .env('REVKEEN_WEBHOOKS_URL')
        .default(DEFAULT_URL)
        .argParser(readServiceUrl),
    )
    .addOption(new Option('--api-key <key>', 'an API key of the account').env('REVKEEN_WEBHOOKS_API_KEY'));
}

/** @throws {CommandError} when there is no key */
export function openApi({ url, apiKey }: RemoteOptions, signal?: AbortSignal): Api {
  if (apiKey) return new Api({ url, apiKey, signal });
  throw new CommandError('No API key: give --api-key, or set REVKEEN_WEBHOOKS_API_KEY.');
}
