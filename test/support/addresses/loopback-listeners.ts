import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Servers on the loopback addresses of this machine, at one port, which nobody is to call. */
export interface LoopbackListeners extends AsyncDisposable {
  readonly port: number;
  /** Those of 127.0.0.1, 127.0.0.2 and ::1 that this machine has. */
  readonly addresses: readonly string[];
  /** How often strangers have connected since it was last asked. It calls each first, to be sure that they would have heard. */
  countCalls(): Promise<number>;
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
const TRIES = 20;

export async function listenOnLoopback(): Promise<LoopbackListeners> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await listen();
    } catch (error) {
      // Somebody has the port on one of the other addresses.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tried === TRIES) throw error;
    }
  }
}

async function listen(): Promise<LoopbackListeners> {
  const opened = new AsyncDisposableStack();
  const callers: number[] = [];
  const sockets = new Set<Socket>();
  const onCall = (socket: Socket) => {
    callers.push(socket.remotePort ?? 0);
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.resume().end(ANSWER);
  };

  try {
    const first = await listenAt('127.0.0.1', 0, onCall);
    opened.defer(() => close(first!));
    const { port } = first!.address() as { port: number };
    const addresses = ['127.0.0.1'];
    for (const address of ['127.0.0.2', '::1']) {
      const server = await listenAt(address, port, onCall);
      if (!server) continue;
      opened.defer(() => close(server));
      addresses.push(address);
    }
    // Before the servers, which wait for them.
    opened.defer(() => {
      for (const socket of sockets) socket.destroy();
    });
    const closing = opened.move();
    return {
      port,
      addresses,
      async countCalls() {
        const ourPorts = new Set<number>();
        for (const host of addresses) ourPorts.add(await call(host, port));
        return callers.splice(0).filter((one) => !ourPorts.has(one)).length;
      },
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  } finally {
    await opened.disposeAsync();
  }
}

/** Null where the machine has no such address. */
async function listenAt(host: string, port: number, onCall: (socket: Socket) => void): Promise<Server | null> {
  const server = createServer(onCall).listen({ host, port, ipv6Only: true });
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Connects, and tells from which port once it is answered: whoever came before has been heard by then. */
async function call(host: string, port: number): Promise<number> {
  const socket = connect({ host, port });
  await once(socket, 'connect');
  const { localPort } = socket;
  await once(socket.resume(), 'end');
  return localPort!;
}
