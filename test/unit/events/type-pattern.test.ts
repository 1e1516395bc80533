import { describe, expect, it } from '@jest/globals';
import { isTypeName, patternsOf } from '../../../src/events/type-pattern.js';

describe('what stands for types of event', () => {
  it.each(['invoice.paid', 'ping', 'a.b.c.d', 'orderShipped', 'order_item.re-stocked', 'v2.x', 'x'.repeat(128)])(
    'takes %s for a name',
    (name) => expect(isTypeName(name)).toBe(true),
  );

  it.each(['', '.', 'a.', '.a', 'a..b', '*', '.*', 'a.*', 'a.*.b', 'a b', 'a,b', 'ä.b', 'a\n', 'a\0', 'x'.repeat(129)])(
    'takes %j for none',
    (text) => expect(isTypeName(text)).toBe(false),
  );

  it('is, for a type, its name and a prefix for each dot', () => {
    expect(patternsOf('ping')).toEqual(['ping']);
    expect(patternsOf('invoice.paid')).toEqual(['invoice.paid', 'invoice.*']);
    expect(patternsOf('invoice.payment.failed')).toEqual(['invoice.payment.failed', 'invoice.payment.*', 'invoice.*']);
  });
});
