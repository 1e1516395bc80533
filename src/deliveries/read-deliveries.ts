import { In } from 'typeorm';
import type { Database, Transaction } from '../storage/database.js';
import { DeliveryAttempt } from './attempt.js';
import { Delivery } from './delivery.js';
import { NOT_DELETED } from './list-deliveries.js';

/** The deliveries that exist, in no particular order. */
export async function readDeliveries(
  { manager }: Pick<Transaction, 'manager'>,
  accountId: string,
  ids: readonly string[],
): Promise<Delivery[]> {
  return manager
    .createQueryBuilder(Delivery, 'delivery')
    .where('delivery.accountId = :accountId and delivery.id = any(:ids)', { accountId, ids })
    .andWhere(NOT_DELETED)
    .getMany();
}

/** The deliveries of an event, in no particular order. */
export async function readDeliveriesOfEvent(
  database: Database,
  accountId: string,
  eventId: string,
): Promise<Delivery[]> {
  return database.manager
    .createQueryBuilder(Delivery, 'delivery')
    .where('delivery.accountId = :accountId and delivery.eventId = :eventId', { accountId, eventId })
    .andWhere(NOT_DELETED)
    .getMany();
}

/** Whether a delivery of the event is not final yet. */
export async function hasOpenDeliveries(database: Database, accountId: string, eventId: string): Promise<boolean> {
  return database.manager
    .createQueryBuilder(Delivery, 'delivery')
    .where('delivery.accountId = :accountId and delivery.eventId = :eventId', { accountId, eventId })
    .andWhere(`delivery.status not in ('SUCCEEDED', 'FAILED')`)
    .andWhere(NOT_DELETED)
    .getExists();
}

/** All attempts of the deliveries, oldest first. */
export async function readAttempts(
  database: Database,
  accountId: string,
  deliveryIds: readonly string[],
): Promise<DeliveryAttempt[]> {
  return database.manager.find(DeliveryAttempt, {
    where: { accountId, deliveryId: In([...deliveryIds]) },
    order: { deliveryId: 'ASC', number: 'ASC' },
  });
}

/** The last attempt of each of the deliveries. */
export async function readLastAttempts(
  database: Database,
  accountId: string,
  deliveryIds: readonly string[],
): Promise<DeliveryAttempt[]> {
  return database.manager
    .createQueryBuilder(DeliveryAttempt, 'attempt')
    .where('attempt.accountId = :accountId and attempt.deliveryId in (:...deliveryIds)', { accountId, deliveryIds })
    .distinctOn(['attempt.deliveryId'])
    .orderBy('attempt.deliveryId')
    .addOrderBy('attempt.number', 'DESC')
    .getMany();
}

/** An attempt by its own id, also when its endpoint is deleted; null when there is none. */
export async function readAttempt(database: Database, accountId: string, id: string): Promise<DeliveryAttempt | null> {
  return database.manager.findOneBy(DeliveryAttempt, { accountId, id });
}
