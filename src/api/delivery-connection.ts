import { countDeliveries, type DeliverySelection, listDeliveries } from '../deliveries/list-deliveries.js';
import { connect, type PageArgs } from './connection.js';
import { DeliveryConnection } from './connection-types.js';
import type { ApiContext } from './context.js';

/** A page of the deliveries that match, newest first. */
export async function connectDeliveries(
  { accountId, services: { database } }: ApiContext,
  page: PageArgs,
  selection: DeliverySelection,
): Promise<DeliveryConnection> {
  const connection = await connect({ kind: 'deliveries', accountId }, page, (keyset) =>
    listDeliveries(database, accountId, selection, keyset),
  );
  return Object.assign(new DeliveryConnection(), connection, {
    countAll: () => countDeliveries(database, accountId, selection),
  });
}
