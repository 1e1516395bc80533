import { once } from 'node:events';
import { WebSocket } from 'ws';
import { now } from './paced.js';
import { API_KEY, type Service } from './rig.js';

/** A message of a subscription, as text: a thousand subscribers leave no time to parse. */
export type Hear = (text: string, arrivedAt: number, subscriber: number) => void;

/** Sockets with subscriptions to one document. Resolves once all of them follow what happens. */
export async function subscribe(
  { url }: Service,
  { sockets, perSocket, query, hear }: { sockets: number; perSocket: number; query: string; hear: Hear },
): Promise<AsyncDisposable> {
  const opened: WebSocket[] = [];
  let ready = 0;
  const { promise: allReady, resolve } = Promise.withResolvers<void>();
  for (let index = 0; index < sockets; index += 1) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${API_KEY}` } }));
    await once(socket, 'message');
    socket.on('message', (data: Buffer) => {
      const arrivedAt = now();
      const text = data.toString('latin1');
      if (text.includes('"READY"')) {
        ready += 1;
        if (ready === sockets * perSocket) resolve();
      } else if (text.includes('"next"')) {
        const id = Number(/"id":"(\d+)"/.exec(text)?.[1]);
        hear(text, arrivedAt, index * perSocket + id);
      } else {
        throw new Error(`Not an update: ${text}`);
      }
    });
    for (let id = 0; id < perSocket; id += 1) {
      socket.send(JSON.stringify({ type: 'subscribe', id: String(id), payload: { query } }));
    }
    opened.push(socket);
  }
  await allReady;
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(
        opened.map(async (socket) => {
          socket.close();
          await once(socket, 'close');
        }),
      );
    },
  };
}
