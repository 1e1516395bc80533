import { createServer } from 'node:net';

let lastPort = 20_000 + ((process.pid * 331) % 12_000);

/** Below those that systems give to outgoing connections: it is still free when a process is started anew. */
export async function freePort(): Promise<number> {
  for (;;) {
    lastPort += 1;
    const port = lastPort;
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
