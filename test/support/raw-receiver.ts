import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { createCertificate } from './certificates.js';

/** Says to a request whatever it likes, byte by byte; `count` is 1 for the first request of a path. */
export type RawAnswer = (socket: Socket, count: number) => unknown;

/** A server on loopback that knows how to read requests, and nothing of how they are answered. */
export interface RawReceiver {
  /** Without a path, such as `https://127.0.0.1:4711`. */
  readonly url: string;
  /** What to say to requests of a path. */
  answer(path: string, answer: RawAnswer): void;
  /** The requests that came for a path, byte for byte, as Latin-1. */
  requests(path: string): readonly string[];
  /** Bytes written to all connections on which a path was asked for. */
  bytesSent(path: string): number;
  close(): Promise<void>;
}

const HEAD_END = '\r\n\r\n';

/** Starts one on a free port. A request that nobody said anything about is left without an answer. */
export async function startRawReceiver({ isTls }: { isTls: boolean }): Promise<RawReceiver> {
  const answers = new Map<string, RawAnswer>();
  const requests = new Map<string, string[]>();
  const connections = new Map<string, Set<Socket>>();
  const sockets = new Set<Socket>();

  const accept = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let received = '';
    socket.setEncoding('latin1').on('data', (text) => {
      received += text;
      for (let end = endOf(received); end > 0; end = endOf(received)) {
        const path = received.split(' ', 2)[1]!;
        const ofPath = requests.get(path) ?? [];
        requests.set(path, ofPath);
        const count = ofPath.push(received.slice(0, end));
        received = received.slice(end);
        connections.set(path, (connections.get(path) ?? new Set()).add(socket));
        answers.get(path)?.(socket, count);
      }
    });
  };
  const server = isTls ? tls.createServer(await createCertificate(), accept) : net.createServer(accept);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `${isTls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (path, answer) => void answers.set(path, answer),
    requests: (path) => requests.get(path) ?? [],
    bytesSent: (path) => [...(connections.get(path) ?? [])].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where the first request in `received` ends; 0 while it is not complete. */
function endOf(received: string): number {
  const bodyStart = received.indexOf(HEAD_END) + HEAD_END.length;
  if (bodyStart < HEAD_END.length) return 0;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, bodyStart))?.[1] ?? 0);
  return received.length < bodyStart + length ? 0 : bodyStart + length;
}

/** Writes the same again and again, as fast as it is read, until nobody reads any more. */
export function pour(socket: Socket, piece: string | Buffer): void {
  const write = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', write);
  write();
}

/** Writes a piece every so often, until nobody listens any more. */
export function drip(socket: Socket, piece: string, everyMs: number): void {
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.on('close', () => clearInterval(timer));
}
