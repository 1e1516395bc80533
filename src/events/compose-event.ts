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
}: {
  accountId: string;
  type: string;
  data: SerialisedData;
  livemode: boolean;
  at: Date;
}): WebhookEvent {
  const id = newId(at.getTime());
  return Object.assign(new WebhookEvent(), {
    accountId,
    id,
    type,
    livemode,
    idempotencyKey: null,
    createdAt: at,
    body: composeBody({ id: toTypeId('evt', id), type, created: at, livemode, data }),
  });
}
