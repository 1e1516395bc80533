import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Received, ReceiverAnswer, ReceiverRequest } from './receiver.js';

/**
 * A receiver in a process of its own: as little work as HTTP allows, and a note of every request. The path says how it
 * answers: `/hang` never, `/500` with that status, anything else with 200 and nothing.
 */
const received: Received = { eventIds: [], deliveryIds: [], bytes: [], receivedAt: [] };
const distinct = new Set<string>();
let waiting: { count: number; id: number } | undefined;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  let bytes = 0;
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  request.on('end', () => {
    if (request.url === '/hang') return;
    if (request.url === '/500') {
      response.statusCode = 500;
      response.end('out of order');
      return;
    }
    note(request, bytes);
    answer(response);
  });
  // Callers that give up on `/hang` are what it is for.
  request.on('error', () => {});
});

function note({ headers }: IncomingMessage, bytes: number): void {
  const deliveryId = headers['x-revkeen-delivery'] as string;
  received.eventIds.push(headers['webhook-id'] as string);
  received.deliveryIds.push(deliveryId);
  received.bytes.push(bytes);
  received.receivedAt.push(performance.timeOrigin + performance.now());
  distinct.add(deliveryId);
  if (waiting && distinct.size >= waiting.count) reached();
}

function answer(response: ServerResponse): void {
  response.setHeader('content-length', 0);
  response.end();
}

function reached(): void {
  say({ id: waiting!.id, received: null });
  waiting = undefined;
}

function say(message: ReceiverAnswer): void {
  process.send!(message);
}

process.on('message', ({ id, ask, count }: ReceiverRequest) => {
  if (ask === 'wait') {
    waiting = { count, id };
    if (distinct.size >= count) reached();
    return;
  }
  say({ id, received: ask === 'take' ? { ...received } : null });
  if (ask !== 'take') return;
  distinct.clear();
  for (const key of Object.keys(received) as (keyof Received)[]) received[key] = [];
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());

server.listen(0, '127.0.0.1', 4_096, () =>
  say({ id: 0, received: null, port: (server.address() as AddressInfo).port }),
);
