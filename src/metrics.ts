import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';

/** In seconds: from a receiver next door to one that uses up its time. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];
/** In seconds: from at once to what waited behind a backlog. */
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

/** How many connections are in use and open for use, and how many callers wait for one. */
export interface Connections {
  busy: number;
  idle: number;
  awaited: number;
}

export interface GaugeName {
  name: string;
  help: string;
  labelNames?: string[];
}

/** Sets what a gauge shows, for each combination of labels; does not reject. */
export type ReadGauge = (set: (value: number, labels?: Record<string, string>) => void) => void | Promise<void>;

/**
 * What an operator watches, in the words and units of Prometheus. No label has more values than the code has words for: it
 * costs the same for one tenant as for a million.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #own = { registers: [this.#registry] };

  readonly eventsPublished = new Counter({
    name: 'webhooks_events_published_total',
    help: 'Events accepted and committed by this process, without duplicates and test events.',
    ...this.#own,
  });

  readonly attempts = new Counter({
    name: 'webhooks_attempts_total',
    help: 'Attempts put on record by this process.',
    labelNames: ['outcome', 'trigger'] as const,
    ...this.#own,
  });

  readonly attemptDuration = new Histogram({
    name: 'webhooks_attempt_duration_seconds',
    help: 'How long attempts took, from looking the receiver up to the last byte of its response.',
    buckets: DURATION_BUCKETS,
    ...this.#own,
  });

  readonly firstAttemptLatency = new Histogram({
    name: 'webhooks_first_attempt_latency_seconds',
    help: 'From publishing an event to the start of its first attempt, the time that it was held included.',
    buckets: LATENCY_BUCKETS,
    ...this.#own,
  });

  readonly deliveriesFailed = new Counter({
    name: 'webhooks_deliveries_failed_total',
    help: 'Deliveries that used up their retries.',
    ...this.#own,
  });

  readonly errorsToCallers = new Counter({
    name: 'webhooks_graphql_errors_total',
    help: 'Errors answered to callers, by code. INTERNAL_SERVER_ERROR is a fault of the service.',
    labelNames: ['code'] as const,
    ...this.#own,
  });

  readonly #pools = new Map<string, () => Connections>();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    const name = 'webhooks_database_connections';
    const help =
      'Connections of this process to the database: in use, open and idle, or waited for. Pools as in pg_stat_activity.';
    this.gauge({ name, help, labelNames: ['pool', 'state'] }, (set) => {
      for (const [pool, read] of this.#pools) {
        for (const [state, count] of Object.entries(read())) set(count, { pool, state });
      }
    });
  }

  /** Adds a pool of connections to what is watched. */
  watchPool(name: string, read: () => Connections): void {
    this.#pools.set(name, read);
  }

  /** A gauge that is read when somebody looks; NaN while it has no value that can be told. */
  gauge({ name, help, labelNames = [] }: GaugeName, read: ReadGauge): void {
    const gauge: Gauge<string> = new Gauge({
      name,
      help,
      labelNames,
      ...this.#own,
      async collect() {
        gauge.reset();
        if (labelNames.length === 0) gauge.set(Number.NaN);
        await read((value, labels = {}) => gauge.set(labels, value));
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of it as Prometheus reads it. */
  print(): Promise<string> {
    return this.#registry.metrics();
  }
}
