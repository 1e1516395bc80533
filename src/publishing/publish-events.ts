import { In } from 'typeorm';
import type { EndpointWindow } from '../deliveries/endpoint-window.js';
import { fanOut } from '../deliveries/fan-out.js';
import type { CatalogCopy } from '../events/catalog-copy.js';
import { WebhookEvent } from '../events/event.js';
import { type Claim, claimKeys, nameOf } from '../events/idempotency-keys.js';
import { insertEvents } from '../events/insert-events.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { Clock } from '../storage/clock.js';
import { type Database, isUnreachable, type Transaction } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { GroupCommit } from '../storage/group-commit.js';
import type { Queue } from '../storage/queue.js';
import type { Tracing } from '../tracing.js';
import {
  type CheckedInput,
  checkInputs,
  type InputLimits,
  type InputPath,
  type PublishInput,
} from './publish-input.js';
import { PublishRecord } from './record-publish.js';

/** What a publish came to. */
export interface Published {
  event: WebhookEvent;
  /** Endpoints that it goes to, held ones included. */
  deliveryCount: number;
  /** Whether the idempotency key had been used, and this is the first event again. */
  duplicate: boolean;
}

interface Call {
  inputs: readonly CheckedInput[];
  path: InputPath;
}

/** Raised to roll back what a caller's mistake leaves half done. */
class Conflict extends Error {
  constructor(readonly refusal: Refusal) {
    super('An idempotency key was used for something else');
  }
}

export interface PublisherOptions {
  database: Database;
  queue: Queue;
  window: EndpointWindow;
  doorbell: Doorbell;
  catalog: CatalogCopy;
  clock: Clock;
  limits: InputLimits;
  log: Log;
  metrics: Metrics;
  tracing: Tracing | null;
}

/**
 * The way in. An event, its deliveries and their jobs are one commit, shared with whoever publishes at the same moment;
 * a caller is answered after it.
 */
export class EventPublisher {
  readonly #options: PublisherOptions;
  readonly #group: GroupCommit<Call, Published[] | Refusal>;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#group = new GroupCommit({
      commit: (calls) => this.#commit(calls),
      weightOf: ({ inputs }) => inputs.length,
      maxWeight: 500,
      sizeOf: ({ inputs }) => inputs.reduce((bytes, { event }) => bytes + event.body.length, 0),
      maxWaitingSize: 64 * 1_048_576,
      maxConcurrent: 2,
      isEverybodys: isUnreachable,
    });
  }

  /**
   * Publishes all of `inputs` or none. Results are in their order. `path` says where an input stands in the caller's
   * request, for errors; `traceParent` is what the caller sent of its trace.
   */
  async publish(
    accountId: string,
    inputs: readonly PublishInput[],
    { path, traceParent }: { path: InputPath; traceParent?: string },
  ): Promise<Published[] | Refusal> {
    const record = new PublishRecord(this.#options, { accountId, eventCount: inputs.length, traceParent });
    try {
      const { clock, limits } = this.#options;
      const catalog = await this.#options.catalog.including(inputs.map(({ type }) => type));
      const at = new Date(clock.now());
      const checked = checkInputs(accountId, inputs, path, { catalog, limits, at, traceParent: record.traceParent });
      const result = checked instanceof Refusal ? checked : await this.#group.submit({ inputs: checked, path });
      record.end(result);
      return result;
    } catch (error) {
      record.fail();
      throw error;
    }
  }

  async #commit(calls: readonly Call[]): Promise<(Published[] | Refusal)[]> {
    const { database, doorbell, metrics } = this.#options;
    try {
      const results = await database.transaction((tx) => this.#write(tx, calls));
      doorbell.ring('due');
      doorbell.ring('changed');
      metrics.eventsPublished.inc(results.flat().filter(({ duplicate }) => !duplicate).length);
      return results;
    } catch (error) {
      // In company the conflict undoes everyone's work; alone, it is the caller's answer.
      if (error instanceof Conflict && calls.length === 1) return [error.refusal];
      throw error;
    }
  }

  async #write(tx: Transaction, calls: readonly Call[]): Promise<Published[][]> {
    const { queue, window } = this.#options;
    const holderOf = await claim(tx, calls);
    const isFirst = ({ event, claim }: CheckedInput) => !claim || holderOf(claim) === event.id;
    const events = calls.flatMap(({ inputs }) => inputs.filter(isFirst).map(({ event }) => event));
    await insertEvents(tx, events);
    const counts = await fanOut(tx, queue, window, events);
    const repeated = calls.flatMap(({ inputs }) => inputs.filter((input) => !isFirst(input)));
    const earlier = await readEarlier(
      tx,
      repeated.map(({ event, claim }) => ({ accountId: event.accountId, id: holderOf(claim!) })),
    );
    const byId = new Map(events.map((event) => [event.id, event]));
    return calls.map(({ inputs }) =>
      inputs.map((input) => {
        const id = input.claim ? holderOf(input.claim) : input.event.id;
        const event = byId.get(id);
        return event
          ? { event, deliveryCount: counts.get(id)!, duplicate: !isFirst(input) }
          : { ...earlier.get(id)!, duplicate: true };
      }),
    );
  }
}

/** Claims every idempotency key of the calls. Answers the id of the event that each stands for. */
async function claim(tx: Transaction, calls: readonly Call[]): Promise<(claim: Claim) => string> {
  const first = new Map<string, Claim>();
  for (const { inputs } of calls) {
    for (const { claim } of inputs) if (claim && !first.has(nameOf(claim))) first.set(nameOf(claim), claim);
  }
  if (first.size === 0) return ({ eventId }) => eventId;
  const holderOf = await claimKeys(tx, [...first.values()]);
  for (const { inputs, path } of calls) {
    const errors = [...inputs.entries()]
      .filter(([, { claim }]) => claim && !holderOf(claim).contentHash.equals(claim.contentHash))
      .map(([index]) => ({
        field: [...path(index), 'idempotencyKey'],
        code: UserErrorCode.IDEMPOTENCY_CONFLICT,
        message:
          'This key was used within the last 24 hours for an event with another type or other data. ' +
          'Use a new key for a new event.',
      }));
    if (errors.length > 0) throw new Conflict(new Refusal(errors));
  }
  return (claim) => holderOf(claim).eventId;
}

async function readEarlier(
  tx: Transaction,
  ids: readonly { accountId: string; id: string }[],
): Promise<Map<string, Omit<Published, 'duplicate'>>> {
  if (ids.length === 0) return new Map();
  const accountIds = [...new Set(ids.map(({ accountId }) => accountId))];
  const eventIds = [...new Set(ids.map(({ id }) => id))];
  const events = await tx.manager.findBy(WebhookEvent, { accountId: In(accountIds), id: In(eventIds) });
  const counts = await tx.query<{ eventId: string; count: number }>(
    `select d.event_id as "eventId", count(*)::int as count
       from webhooks.deliveries d
      where d.account_id = any ($1) and d.event_id = any ($2)
        and not exists (select from webhooks.endpoints e
                         where e.account_id = d.account_id and e.id = d.endpoint_id and e.deleted_at is not null)
      group by 1`,
    [accountIds, eventIds],
  );
  const countOf = new Map(counts.map(({ eventId, count }) => [eventId, count]));
  return new Map(events.map((event) => [event.id, { event, deliveryCount: countOf.get(event.id) ?? 0 }]));
}
