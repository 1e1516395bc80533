import type { ServerResponse } from 'node:http';
import type { ReceivedRequest } from '../receiver.js';
import type { Ledger } from './ledger.js';
import { natureOf } from './natures.js';
import type { Random } from './random.js';
import type { Turmoil } from './turmoil.js';

/** From here on every endpoint answers as its nature is. The ledger has what was answered. */
export function answerByNature({ receiver, ledger }: Turmoil, random: Random): void {
  const counts = new Map<string, number>();
  receiver.answer((request, response) => {
    const deliveryId = String(request.headers['x-revkeen-delivery']);
    const count = (counts.get(deliveryId) ?? 0) + 1;
    counts.set(deliveryId, count);
    const answer = natureOf(nameIn(request)).answer(random, count);
    if (typeof answer !== 'function') {
      note(ledger, request, response, answer.status!);
      return answer;
    }
    note(ledger, request, response, answer(response));
    return undefined;
  });
}

/** From here on every endpoint answers 200, at once. */
export function answerWell({ receiver, ledger }: Turmoil): void {
  receiver.answer((request, response) => {
    note(ledger, request, response, 200);
    return { status: 200 };
  });
}

function note(ledger: Ledger, request: ReceivedRequest, response: ServerResponse, statusCode: number | null): void {
  const { headers, rawBody, receivedAt } = request;
  const span = { askedAt: receivedAt.getTime(), answeredAt: Number.POSITIVE_INFINITY };
  response.once('close', () => {
    span.answeredAt = Date.now();
  });
  ledger.requests.push({
    name: nameIn(request),
    deliveryId: String(headers['x-revkeen-delivery']),
    eventId: String(headers['webhook-id']),
    attemptNumber: Number(headers['x-revkeen-attempt']),
    statusCode,
    span,
    timestamp: String(headers['webhook-timestamp']),
    signature: String(headers['webhook-signature']),
    productSignature: String(headers['x-revkeen-signature']),
    body: rawBody,
  });
}

/** The endpoint's name: the last part of the path, without a query. */
function nameIn({ path }: ReceivedRequest): string {
  return new URL(path, 'http://receiver').pathname.split('/').at(-1)!;
}
