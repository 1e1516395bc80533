import { Pool } from 'undici';
import { now } from './paced.js';
import { API_KEY, type Service } from './rig.js';

/** About 1 KB as it is sent, of the kind that a billing system publishes. */
export function invoice(number: number): object {
  return {
    id: `in_${String(number).padStart(12, '0')}`,
    object: 'invoice',
    number: `2026-${String(number).padStart(6, '0')}`,
    customer: 'cus_8Tf0gq2vLwXz',
    currency: 'eur',
    amountDue: 12_900,
    amountPaid: 12_900,
    status: 'paid',
    lines: [1, 2, 3, 4].map((line) => ({
      id: `il_${number}_${line}`,
      description: 'Seats, Business plan, one month',
      quantity: line,
      unitAmount: 1_290,
      period: { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' },
    })),
  };
}

const PUBLISH_EVENT = `mutation ($input: PublishEventInput!) {
  publishEvent(input: $input) { event { id } userErrors { message } } }`;

const PUBLISH_EVENTS = `mutation ($input: [PublishEventInput!]!) {
  publishEvents(input: $input) { results { event { id } } userErrors { message } } }`;

/** An event that was published, and what the caller saw. */
export interface Publication {
  eventIds: string[];
  /** Unix milliseconds. */
  startedAt: number;
  answeredAt: number;
}

/** A backend that publishes over HTTP, on connections that it keeps open. */
export class Publisher implements AsyncDisposable {
  readonly #pool: Pool;
  #number = 0;

  constructor({ url }: Service, connections = 64) {
    this.#pool = new Pool(url, { connections, bodyTimeout: 120_000, headersTimeout: 120_000 });
  }

  /** One event of about 1 KB. */
  async one(type = 'invoice.paid'): Promise<Publication> {
    const startedAt = now();
    const { publishEvent } = await this.#send<{ publishEvent: { event: { id: string } } }>(PUBLISH_EVENT, {
      type,
      data: invoice(this.#next()),
    });
    return { eventIds: [publishEvent.event.id], startedAt, answeredAt: now() };
  }

  /** Several in one call. */
  async batch(size: number, type = 'invoice.paid'): Promise<Publication> {
    const startedAt = now();
    const input = Array.from({ length: size }, () => ({ type, data: invoice(this.#next()) }));
    const { publishEvents } = await this.#send<{ publishEvents: { results: { event: { id: string } }[] } }>(
      PUBLISH_EVENTS,
      input,
    );
    return { eventIds: publishEvents.results.map(({ event }) => event.id), startedAt, answeredAt: now() };
  }

  /** So many, one batch after the other. Answers their ids. */
  async many(count: number, { type = 'invoice.paid', batch = 500 } = {}): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) ids.push(...(await this.batch(Math.min(batch, count - ids.length), type)).eventIds);
    return ids;
  }

  #next(): number {
    this.#number += 1;
    return this.#number;
  }

  async #send<Data>(query: string, input: unknown): Promise<Data> {
    const { statusCode, body } = await this.#pool.request({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const { data, errors } = (await body.json()) as { data: Data; errors?: unknown };
    if (statusCode !== 200 || errors) throw new Error(`Not published: ${statusCode} ${JSON.stringify(errors)}`);
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close();
  }
}
