import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { builtInTypes } from '../../../src/events/built-in-types.js';
import { Catalog } from '../../../src/events/catalog.js';
import { EventType } from '../../../src/events/event-type.js';

const registered = (name: string, columns: Partial<EventType> = {}) =>
  new EventType({ name, category: 'Orders', description: 'Sent when it is.', sampleData: {}, ...columns });

const namesOf = (types: readonly EventType[]) => types.map(({ name }) => name);

describe('the catalog', () => {
  it('has the built-in types first, and those that were registered behind them', () => {
    const catalog = new Catalog([registered('order.shipped'), registered('order.packed')]);

    expect(namesOf(catalog.types)).toEqual([...namesOf(builtInTypes), 'order.shipped', 'order.packed']);
    expect(catalog.named('order.packed')).toMatchObject({ category: 'Orders' });
  });

  it('has a built-in type that was changed as it was changed, in its place', () => {
    const catalog = new Catalog([registered('invoice.paid', { category: 'Bills' })]);

    expect(namesOf(catalog.types)).toEqual(namesOf(builtInTypes));
    expect(catalog.named('invoice.paid')).toMatchObject({ category: 'Bills' });
  });

  it('finds nothing by a name that it does not have', () => {
    const catalog = new Catalog([]);

    expect(catalog.named('invoice.vanished')).toBeUndefined();
    expect(catalog.named('toString')).toBeUndefined();
    expect(['*', 'invoice', 'invoice.', 'inv*', 'nothing.*'].flatMap((one) => catalog.matching(one))).toEqual([]);
  });

  it('knows what a prefix stands for, however deep', () => {
    const catalog = new Catalog([
      registered('order.item.added'),
      registered('order.shipped'),
      registered('orders.paid'),
    ]);

    expect(namesOf(catalog.matching('order.*'))).toEqual(['order.item.added', 'order.shipped']);
    expect(namesOf(catalog.matching('order.item.*'))).toEqual(['order.item.added']);
    expect(namesOf(catalog.matching('order.shipped'))).toEqual(['order.shipped']);
  });

  it('counts a type once, and a deprecated one by its name only', () => {
    const deprecatedAt = new Date();
    const catalog = new Catalog([registered('order.shipped'), registered('order.faxed', { deprecatedAt })]);

    expect(catalog.size).toBe(builtInTypes.length + 1);
    expect(catalog.sizeOf(['order.*'])).toBe(1);
    expect(catalog.sizeOf(['order.*', 'order.shipped', 'order.faxed'])).toBe(2);
  });
});
