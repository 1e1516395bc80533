import type { Log } from '../log.js';
import { Refusal } from '../refusal.js';
import type { Clock } from '../storage/clock.js';
import { toTypeId } from '../storage/ids.js';
import { type Span, type Tracing, traceIdOf } from '../tracing.js';
import type { Published } from './publish-events.js';

export interface RecordOptions {
  clock: Clock;
  log: Log;
  tracing: Tracing | null;
}

/** A publish that begins: who asks for how much, as part of whose trace. */
export interface PublishStart {
  accountId: string;
  eventCount: number;
  isTest?: boolean;
  /** The `traceparent` that the caller sent, if any. */
  traceParent: string | undefined;
}

/** As many ids of a batch stand in its line as anybody reads. */
const MAX_IDS = 10;

/** What the log and the trace tell of one publish: a line and a span, of a whole batch. */
export class PublishRecord {
  readonly #options: RecordOptions;
  readonly #start: PublishStart;
  readonly #startedAtMs = performance.now();
  readonly #span: Span | undefined;

  constructor(options: RecordOptions, start: PublishStart) {
    this.#options = options;
    this.#start = start;
    this.#span = options.tracing?.start({
      name: 'publish',
      kind: 'server',
      parent: start.traceParent,
      startedAt: new Date(options.clock.now()),
      attributes: {
        'graphql.operation.type': 'mutation',
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.batch.message_count': start.eventCount,
        'webhooks.account.id': start.accountId,
      },
    });
  }

  /** What the events are to carry, so that their attempts become part of the trace. Null while traces are off. */
  get traceParent(): string | null {
    return this.#span?.traceParent ?? null;
  }

  /** It is committed, or refused. Callers publish thousands a second, so that only what was refused is in the log by default. */
  end(result: readonly Pick<Published, 'event' | 'deliveryCount' | 'duplicate'>[] | Refusal): void {
    if (result instanceof Refusal) this.#refused(result);
    else this.#published(result);
  }

  /** Neither; why stands in the log already. */
  fail(): void {
    this.#endSpan({ error: 'not published' });
  }

  #published(published: readonly Pick<Published, 'event' | 'deliveryCount' | 'duplicate'>[]): void {
    const { log } = this.#options;
    if (!this.#span && !log.isLevelEnabled('debug')) return;
    const deliveries = published.reduce((count, { deliveryCount }) => count + deliveryCount, 0);
    const duplicates = published.filter(({ duplicate }) => duplicate).length;
    const eventTypes = [...new Set(published.map(({ event }) => event.type))];
    const eventIds = published.slice(0, MAX_IDS).map(({ event }) => toTypeId('evt', event.id));
    const [single] = published.length === 1 ? eventIds : [];
    this.#endSpan({
      attributes: {
        'messaging.message.id': single,
        'webhooks.event.type': eventTypes.length === 1 ? eventTypes[0] : undefined,
        'webhooks.delivery.count': deliveries,
        'webhooks.duplicate.count': duplicates || undefined,
      },
    });
    log.debug({ ...this.#fields, eventIds, eventTypes, deliveries, duplicates }, 'events published');
  }

  #refused({ errors }: Refusal): void {
    const codes = [...new Set(errors.map(({ code }) => code))];
    this.#endSpan({ error: 'refused', attributes: { 'error.type': codes[0] } });
    this.#options.log.info({ ...this.#fields, codes }, 'events refused');
  }

  #endSpan(end: { error?: string; attributes?: Record<string, string | number | undefined> }): void {
    this.#span?.end({ endedAt: new Date(this.#options.clock.now()), ...end });
  }

  get #fields() {
    const { accountId, eventCount: events, isTest } = this.#start;
    const durationMs = Math.round(performance.now() - this.#startedAtMs);
    return { accountId, events, test: isTest, durationMs, trace_id: traceIdOf(this.traceParent) };
  }
}
