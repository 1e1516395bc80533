import {
  countDeliveries,
  type DeliverySelection,
  listDeliveries,
  TooSlowError,
} from '../deliveries/list-deliveries.js';
import { connect, type PageArgs } from './connection.js';
import { DeliveryConnection } from './connection-types.js';
import type { ApiContext } from './context.js';
import { badUserInput } from './errors.js';

const TOO_SLOW =
  'So few deliveries match this filter that finding them takes too long. Narrow it: to a shorter `createdAt`, to one endpoint, or to one event.';

/** A page of the deliveries that match, newest first. */
export async function connectDeliveries(
  { accountId, services: { database } }: ApiContext,
  page: PageArgs,
  selection: DeliverySelection,
): Promise<DeliveryConnection> {
  const connection = await connect({ kind: 'deliveries', accountId }, page, (keyset) =>
    listDeliveries(database, accountId, selection, keyset).catch((error) => {
      throw error instanceof TooSlowError ? badUserInput(TOO_SLOW) : error;
    }),
  );
  return Object.assign(new DeliveryConnection(), connection, {
    countAll: () => countDeliveries(database, accountId, selection),
  });
}
