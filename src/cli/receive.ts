import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { printable } from '../printable.js';
import { MIB } from '../units.js';
import type { Api } from './api.js';
import { readHttpUrl, readPort } from './arguments.js';
import { CommandError } from './command-error.js';
import { furtherHelp } from './environment.js';
import { addRemoteOptions, openApi, type RemoteOptions } from './remote.js';
import { faultOf } from './signatures.js';
import { untilStopped } from './until-stopped.js';

const ENDPOINTS = `query ($after: String) {
  endpoints(first: 100, after: $after) { nodes { id url } pageInfo { hasNextPage endCursor } } }`;

const CREATE = `mutation ($input: CreateEndpointInput!) {
  createEndpoint(input: $input) { endpoint { id } signingSecret userErrors { message } } }`;

const REVEAL = 'mutation ($id: ID!) { revealSigningSecret(id: $id) { signingSecret userErrors { message } } }';

interface ReceiveOptions extends RemoteOptions {
  readonly as: string;
  readonly host: string;
  readonly port?: number;
}

/** More is no webhook of ours. */
const MAX_BODY_BYTES = 64 * MIB;

/** Where to listen behind a URL that names no port. */
const DEFAULT_PORT = 3_000;

/** Adds the command that plays a customer: a server that verifies each webhook and prints it. */
export function addReceive(program: Command): void {
  const command = program
    .command('receive')
    .description('be an endpoint, for trying things out: register it, verify each webhook, print it, answer 200')
    .requiredOption('--as <url>', 'where the service reaches this server, such as http://127.0.0.1:3000/', readHttpUrl)
    .option('--host <host>', 'where to listen', '127.0.0.1')
    .option('--port <port>', 'where to listen; that of the URL if left out', readPort);
  addRemoteOptions(command)
    .addHelpText(
      'after',
      furtherHelp({
        examples: {
          'revkeen-webhooks receive --as http://127.0.0.1:3000/':
            'for a service on this machine that has WEBHOOK_ALLOW_HTTP and WEBHOOK_ALLOWED_CIDRS set; Ctrl+C ends it',
        },
      }),
    )
    .action(runReceive);
}

async function runReceive({ as: ownUrl, host, port, ...remote }: ReceiveOptions): Promise<void> {
  const { signal } = untilStopped();
  const api = openApi(remote, signal);
  const registered = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    receive(request, response, registered.promise).catch(() => response.destroy());
  });
  // A port that is taken leaves no endpoint behind.
  await listen(server, { host, port: port ?? Number(new URL(ownUrl).port || DEFAULT_PORT) });
  try {
    const { id, signingSecret } = await register(api, ownUrl);
    registered.resolve(signingSecret);
    console.log(`Ready. ${ownUrl} is the endpoint ${id}. Ctrl+C ends it.`);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** @throws {CommandError} when the address cannot be had */
async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new CommandError(`Cannot listen on ${host}:${port}: ${(error as Error).message}. Give another --port.`);
  }
}

/** The endpoint at this URL, made when there is none: a receiver that starts again is the one that it was. */
async function register(api: Api, url: string): Promise<{ id: string; signingSecret: string }> {
  const id = await findEndpoint(api, url);
  if (id !== null) {
    const { signingSecret } = await api.mutate<{ signingSecret: string }>(REVEAL, { id });
    return { id, signingSecret };
  }
  const input = { url, allEvents: true, description: 'Registered by `revkeen-webhooks receive`' };
  const created = await api.mutate<{ endpoint: { id: string }; signingSecret: string }>(CREATE, { input });
  return { id: created.endpoint.id, signingSecret: created.signingSecret };
}

async function findEndpoint(api: Api, url: string): Promise<string | null> {
  for (let after: string | null = null; ; ) {
    const { endpoints }: EndpointPage = await api.query<EndpointPage>(ENDPOINTS, { after });
    const found = endpoints.nodes.find((endpoint) => new URL(endpoint.url).href === new URL(url).href);
    if (found) return found.id;
    if (!endpoints.pageInfo.hasNextPage) return null;
    after = endpoints.pageInfo.endCursor;
  }
}

interface EndpointPage {
  endpoints: { nodes: { id: string; url: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}

async function receive(request: IncomingMessage, response: ServerResponse, secret: Promise<string>): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return void response.writeHead(413).end();
  const body = await text(request);
  const fault = faultOf({ headers: request.headers, body }, await secret, new Date());
  response.writeHead(fault === null ? 200 : 401).end();
  const { 'x-revkeen-event': type, 'x-revkeen-delivery': delivery, 'x-revkeen-attempt': attempt } = request.headers;
  const time = new Date().toTimeString().slice(0, 8);
  const line = fault === null ? `verified  ${type}  ${delivery}  attempt ${attempt}  ${body}` : `REFUSED  ${fault}`;
  console.log(printable(`${time}  ${line}`));
}
