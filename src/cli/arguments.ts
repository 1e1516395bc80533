import { InvalidArgumentError } from 'commander';

/** A URL without the slash at its end. */
export function readHttpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('Give a URL such as http://127.0.0.1:4000.');
  }
  return url.href.replace(/\/$/, '');
}

/** Where a service is; the address of its API, as the service prints it and clients take it, says so too. */
export function readServiceUrl(text: string): string {
  return readHttpUrl(text).replace(/\/graphql$/, '');
}

/** Names with commas between them. */
export function readList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

export function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('Give a TCP port such as 3000.');
}
