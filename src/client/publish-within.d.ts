/**
 * What a program needs to know of `publishing/publish-within.ts`, whose own types lead to every entity of the service. Held against it by
 * `test/conformance/package-types.test.ts`.
 */

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
  readonly account?: string | undefined;
}

/** An event that will exist once the transaction commits. */
export interface EventToBe {
  /** `evt_…` */
  readonly id: string;
  /** How many endpoints it goes to, by what the transaction sees of them. */
  readonly deliveryCount: number;
}

/** Why nothing was published. The transaction can go on as if it had not been tried. */
export declare class PublishError extends Error {
  override readonly name: 'PublishError';
  /** What to put right, with the path of each field; empty when it is not about the events. */
  readonly userErrors: readonly { field: string[] | null; code: string; message: string }[];
  constructor(message: string, options?: ErrorOptions);
}

export interface PublishWithinOptions {
  /** The longest data of an event; give what `MAX_EVENT_BYTES` says if it says something. 256 KiB if left out. */
  readonly maxEventBytes?: number | undefined;
}

/**
 * Publishes in a transaction of yours: the events commit or roll back with your own rows, and nobody hears of them before.
 * Deliveries begin within about a second of the commit, when a dispatcher looks next.
 *
 * @param db on the database of the service
 * @param events 1,000 at most, all or none
 * @returns what became of each, in their order
 * @throws {PublishError} when an event has to be put right, or there is no open transaction
 */
export declare function publishWithin(
  db: OpenTransaction,
  events: readonly EventToPublish[],
  options?: PublishWithinOptions,
): Promise<EventToBe[]>;
