import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { builtInTypes } from '../../../src/events/built-in-types.js';
import { serialiseData } from '../../../src/events/envelope.js';

describe('the built-in types of event', () => {
  it('are those of the product page, category by category, and those of the service itself last', () => {
    const byCategory = Object.groupBy(builtInTypes, ({ category }) => category);
    const names = Object.entries(byCategory).map(([category, types]) => [category, types?.map(({ name }) => name)]);

    expect(names.at(-1)![0]).toBe('Webhooks');
    expect(Object.fromEntries(names)).toEqual({
      Payments: ['payment.succeeded', 'payment.failed', 'payment.refunded'],
      Invoices: ['invoice.created', 'invoice.paid', 'invoice.payment_failed'],
      Subscriptions: ['subscription.created', 'subscription.renewed', 'subscription.canceled'],
      Customers: ['customer.created', 'customer.updated'],
      Checkouts: ['checkout.completed', 'checkout.abandoned'],
      Disputes: ['chargeback.opened', 'chargeback.won', 'chargeback.lost'],
      Webhooks: ['endpoint.failing', 'endpoint.recovered', 'endpoint.disabled', 'delivery.failed'],
    });
  });

  describe.each(builtInTypes.map((eventType) => [eventType.name, eventType] as const))('%s', (_, eventType) => {
    const entries = entriesWithin(eventType.sampleData);

    it('says when it is sent', () => {
      expect(eventType.description).toMatch(/^Sent (when|each time|for each) .+\.$/);
    });

    it('has sample data that is JSON', () => {
      expect(serialiseData(eventType.sampleData)).toHaveProperty('text');
      expect(JSON.parse(JSON.stringify(eventType.sampleData))).toEqual(eventType.sampleData);
    });

    it('tells amounts in minor units, with a currency', () => {
      const amounts = entries.filter(([key]) => /amount|total|tax|fee/i.test(key)).map(([, value]) => value);

      expect(amounts.filter((amount) => !Number.isInteger(amount))).toEqual([]);
      if (amounts.length > 0) expect(entries).toContainEqual(['currency', 'USD']);
    });

    it('tells instants in ISO 8601 with milliseconds, in UTC', () => {
      const instants = entries.filter(([key, value]) => key.endsWith('At') && value !== null).map(([, value]) => value);

      expect(instants).not.toEqual([]);
      expect(instants.map((instant) => new Date(String(instant)).toISOString())).toEqual(instants);
    });
  });
});

/** Every key and value, however deep. */
function entriesWithin(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[key, inner] as [string, unknown], ...entriesWithin(inner)]);
}
