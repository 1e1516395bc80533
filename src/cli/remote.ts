import { type Command, InvalidArgumentError, Option } from 'commander';
import { Api } from './api.js';
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

/** Where a service is; the address of its API, as the service prints it and clients take it, says so too. */
export function readServiceUrl(text: string): string {
  return readHttpUrl(text).replace(/\/graphql$/, '');
}

/** A URL without the slash at its end. */
export function readHttpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('Give a URL such as http://127.0.0.1:4000.');
  }
  return url.href.replace(/\/$/, '');
}

/** Names with commas between them. */
export function readList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
