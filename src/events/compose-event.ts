import { newId, toTypeId } from '../storage/ids.js';
import { composeBody, type SerialisedData } from './envelope.js';
import { WebhookEvent } from './event.js';

/** An event with a new id and its exact body, not yet written. */
export function composeEvent({
  accountId,
  type,
  data,
  livemode,
  at,
  traceParent = null,
}: {
  accountId: string;
  type: string;
  data: SerialisedData;
  livemode: boolean;
  at: Date;
  /** Of the trace that its attempts are to be part of. */
  traceParent?: string | null;
}): WebhookEvent {
  const id = newId(at.getTime());
  return Object.assign(new WebhookEvent(), {
    accountId,
    id,
    type,
    livemode,
    idempotencyKey: null,
    createdAt: at,
    traceParent,
    body: composeBody({ id: toTypeId('evt', id), type, created: at, livemode, data }),
  });
}
