import { describe, expect, it } from '@jest/globals';
import { prefixesOf, receives } from '../../../src/dashboard/endpoints/receives.js';

describe('what an endpoint receives', () => {
  it('is what it names, what begins with a prefix of its, or all', () => {
    const some = { allEvents: false, eventTypes: ['invoice.*', 'payment.failed'] };
    expect(['invoice.paid', 'invoice.item.added', 'payment.failed'].filter((type) => !receives(some, type))).toEqual(
      [],
    );
    expect(['payment.refunded', 'invoices.sent', 'invoice'].filter((type) => receives(some, type))).toEqual([]);
    expect(receives({ allEvents: true, eventTypes: [] }, 'anything')).toBe(true);
  });

  it('can be chosen by a prefix where two types begin alike', () => {
    expect(prefixesOf(['order.packed', 'order.item.added', 'ping', 'stock.low'])).toEqual(['order.*']);
  });
});
