import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExplainedError } from '../explained-error.js';

const PATIENCE_MS = 5_000;

/** The address is taken, or not one of this machine's. */
export class ListenError extends ExplainedError {
  override readonly name = 'ListenError';
}

/**
 * Listens at an address, and answers the URL of it, such as `http://127.0.0.1:4000`.
 *
 * @throws {ListenError} when it cannot listen there; the message says what to do.
 */
export function listen(
  server: Server,
  { host, port, portVariable = 'PORT' }: { host: string; port: number; portVariable?: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const advice =
        error.code === 'EADDRINUSE'
          ? `Port ${port} on ${host} is taken. Stop what listens there, or set ${portVariable} to another one (0 picks a free one).`
          : `Cannot listen on ${host}:${port} (${error.code}). Set HOST and ${portVariable} to an address of this machine that you may use.`;
      reject(new ListenError(advice));
    });
    server.listen(port, host, () => {
      const { address, family, port } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${port}`);
    });
  });
}

/** Takes no new requests. Resolves once those under way are answered, or cut off after five seconds. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Connections that clients keep open would hold this up, each until it has been idle for a while.
    const closing = setInterval(() => server.closeIdleConnections(), 50);
    const patience = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
    server.close(() => {
      clearInterval(closing);
      clearTimeout(patience);
      resolve();
    });
  });
}
