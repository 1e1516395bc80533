import type { ClientRequest } from 'node:http';
import { MIB } from '../units.js';

/**
 * What one answer may come to on the wire: a head and a kept body are far less. HTTP lets a receiver send without end what
 * counts to neither: interim answers, empty lines before the first, zeros before the length of a chunk.
 */
const MAX_ANSWER_BYTES = MIB;

/** The receiver sends and sends. */
export class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError';
  readonly code = 'ERR_ANSWER_TOO_LONG';

  constructor() {
    super('The answer is longer than 1 MiB');
  }
}

/** Ends the connection with an `AnswerTooLongError` once more has come for a request than any answer needs. */
export function limitAnswer(request: ClientRequest): void {
  request.once('socket', (socket) => {
    let receivedBytes = 0;
    const count = ({ length }: Buffer) => {
      receivedBytes += length;
      if (receivedBytes > MAX_ANSWER_BYTES) socket.destroy(new AnswerTooLongError());
    };
    socket.on('data', count);
    // Before the connection is free for the next: what comes while it is idle must stay for Node to find, which then drops it.
    request.once('close', () => socket.off('data', count));
  });
}
