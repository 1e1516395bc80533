import 'reflect-metadata';
import { DEFAULT_ACCOUNT } from '../access/account.js';
import { AttemptTrigger } from '../deliveries/attempt.js';
import { DeliveryStatus } from '../deliveries/delivery-status.js';
import { findSubscribed, insertDeliveries } from '../deliveries/fan-out.js';
import { Catalog } from '../events/catalog.js';
import type { WebhookEvent } from '../events/event.js';
import { insertEvents } from '../events/insert-events.js';
import { readEventTypes } from '../events/stored-event-types.js';
import { Refusal, type UserError } from '../refusal.js';
import type { Executor } from '../storage/database.js';
import { newId, toTypeId } from '../storage/ids.js';
import { checkInputs } from './publish-input.js';

/**
 * A connection with an open transaction: a `Client` or `PoolClient` of `pg`, an `EntityManager` or `QueryRunner` of TypeORM,
 * or anything else that runs SQL with `$1`.
 */
export interface OpenTransaction {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/** What happened. */
export interface EventToPublish {
  readonly type: string;
  readonly data: unknown;
  /** Whose endpoints are told; `default` if left out. */
  readonly account?: string;
}

/** An event that will exist once the transaction commits. */
export interface EventToBe {
  /** `evt_…` */
  readonly id: string;
  /** How many endpoints it goes to, by what the transaction sees of them. */
  readonly deliveryCount: number;
}

/** Why nothing was published. The transaction can go on as if it had not been tried. */
export class PublishError extends Error {
  override readonly name = 'PublishError';
  /** What to put right, with the path of each field; empty when it is not about the events. */
  readonly userErrors: readonly UserError[];

  constructor(message: string, { userErrors = [], ...options }: ErrorOptions & { userErrors?: UserError[] } = {}) {
    super(message, options);
    this.userErrors = userErrors;
  }
}

export interface PublishWithinOptions {
  /** The longest data of an event; give what `MAX_EVENT_BYTES` says if it says something. 256 KiB if left out. */
  readonly maxEventBytes?: number;
}

const MAX_EVENT_BYTES = 256 * 1_024;

const SAVEPOINT = 'revkeen_webhooks_publish';

/**
 * Publishes in a transaction of yours: the events commit or roll back with your own rows, and nobody hears of them before.
 * Deliveries begin within about a second of the commit, when a dispatcher looks next.
 *
 * It takes no lock that anybody waits for, however long the transaction stays open. There are no idempotency keys: what your
 * transaction does once is published once.
 *
 * @param db on the database of the service, as a role that may `select` its endpoints and types of event, and `insert` events, deliveries and changes
 * @param events 1,000 at most, all or none
 * @returns what became of each, in their order
 * @throws {PublishError} when an event has to be put right, or there is no open transaction
 */
export async function publishWithin(
  db: OpenTransaction,
  events: readonly EventToPublish[],
  { maxEventBytes = MAX_EVENT_BYTES }: PublishWithinOptions = {},
): Promise<EventToBe[]> {
  await openSavepoint(db);
  try {
    const executor = executorOf(db);
    const composed = compose(events, await readCatalog(executor, events), maxEventBytes);
    const counts = await write(executor, composed);
    await db.query(`release savepoint ${SAVEPOINT}`);
    return composed.map(({ id }) => ({ id: toTypeId('evt', id), deliveryCount: counts.get(id)! }));
  } catch (error) {
    await db.query(`rollback to savepoint ${SAVEPOINT}`);
    if (error instanceof PublishError) throw error;
    throw new PublishError(`Nothing was published: ${(error as Error).message}`, { cause: error });
  }
}

/** What the transaction sees of the catalog, as far as the events need it. */
async function readCatalog(db: Executor, events: readonly EventToPublish[]): Promise<Catalog> {
  return new Catalog(await readEventTypes(db, [...new Set(events.map(({ type }) => type))]));
}

function compose(events: readonly EventToPublish[], catalog: Catalog, maxEventBytes: number): WebhookEvent[] {
  const at = new Date();
  const [accounts, path] = [new Set(events.map(accountOf)), (index: number) => ['events', String(index)]];
  const composed = new Map<EventToPublish, WebhookEvent>();
  for (const account of accounts.size > 0 ? accounts : [DEFAULT_ACCOUNT]) {
    const own = [...events.entries()].filter(([, event]) => accountOf(event) === account);
    const checked = checkInputs(
      account,
      own.map(([, { type, data }]) => ({ type, data })),
      (index) => path(own[index]![0]),
      { catalog, limits: { maxEventBytes }, at, traceParent: null },
    );
    if (checked instanceof Refusal) {
      const { errors } = checked;
      throw new PublishError(errors.map(({ message }) => message).join(' '), { userErrors: errors });
    }
    for (const [index, { event }] of checked.entries()) composed.set(own[index]![1], event);
  }
  return events.map((event) => composed.get(event)!);
}

function accountOf({ account = DEFAULT_ACCOUNT }: EventToPublish): string {
  return account;
}

/** What fails behind it costs the transaction nothing; and without a transaction there is none. */
async function openSavepoint(db: OpenTransaction): Promise<void> {
  try {
    await db.query(`savepoint ${SAVEPOINT}`);
  } catch (error) {
    if ((error as { code?: string }).code !== '25P01') throw error;
    throw new PublishError('No transaction is open: begin one on this connection, and give that, not a pool.', {
      cause: error,
    });
  }
}

/**
 * Deliveries are written as if every endpoint were enabled, and without jobs. A dispatcher sees to both: who counts what is
 * held, or what is queued, would keep a lock until the commit.
 */
async function write(db: Executor, events: readonly WebhookEvent[]): Promise<Map<string, number>> {
  const subscribed = await findSubscribed(db, events);
  await insertEvents(db, events);
  const deliveries = events.flatMap((event) =>
    subscribed(event).map(({ endpointId }) => ({
      event,
      id: newId(event.createdAt.getTime()),
      endpointId,
      status: DeliveryStatus.PENDING,
      jobId: null,
      trigger: AttemptTrigger.SCHEDULED,
    })),
  );
  await insertDeliveries(db, deliveries);
  return new Map(events.map((event) => [event.id, subscribed(event).length]));
}

/** `pg` answers with an object, TypeORM with the rows. */
function executorOf(db: OpenTransaction): Executor {
  return {
    async query<Row>(statement: string | { text: string }, values: readonly unknown[] = []): Promise<Row[]> {
      const text = typeof statement === 'string' ? statement : statement.text;
      const result = (await db.query(text, [...values])) as Row[] | { rows: Row[] };
      return Array.isArray(result) ? result : result.rows;
    },
  };
}
