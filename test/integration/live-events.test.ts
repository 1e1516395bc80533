import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LiveClient } from '../support/live.js';
import { type Setup, setUp } from '../support/service.js';

interface Update {
  eventPublished: { kind: string; cursor: string; event: { id: string; type: string; body: string } | null };
}

const EVENTS = `subscription ($types: [String!], $after: String) {
  eventPublished(types: $types, after: $after) { kind cursor event { id type body } } }`;

const kindOf = ({ eventPublished }: Update) => eventPublished.kind;
const idOf = ({ eventPublished }: Update) => eventPublished.event?.id;

let setup: Setup;
let live: LiveClient;

beforeAll(async () => {
  setup = await setUp();
  live = await LiveClient.connect(setup.api);
});

afterAll(async () => {
  await live?.[Symbol.asyncDispose]();
  await setup?.[Symbol.asyncDispose]();
});

async function follow(variables: Record<string, unknown> = {}, client = live) {
  const updates = client.subscribe<Update>(EVENTS, variables);
  await updates.until((update) => kindOf(update) === 'READY');
  return updates;
}

describe('following events', () => {
  it('begins with READY, and tells each event that is published, though nobody receives it', async () => {
    const updates = await follow();
    const { id } = await setup.api.publishEvent('invoice.paid', { amount: 5 });

    const { eventPublished } = await updates.until((update) => idOf(update) === id);

    expect(eventPublished).toMatchObject({ kind: 'UPDATED', event: { type: 'invoice.paid' } });
    expect(JSON.parse(eventPublished.event!.body)).toMatchObject({ id, data: { amount: 5 } });
  });

  it('tells only those of the types asked for; unknown types and an empty list match nothing', async () => {
    const updates = await follow({ types: ['invoice.paid', 'no.such'] });
    const none = [await follow({ types: [] }), await follow({ types: ['no.such'] })];

    await setup.api.publishEvent('customer.created');
    const { id } = await setup.api.publishEvent('invoice.paid');

    await updates.until((update) => idOf(update) === id);
    expect(updates.seen.map((update) => update.eventPublished.event?.type)).toEqual([undefined, 'invoice.paid']);
    for (const { seen } of none) expect(seen.map(kindOf)).toEqual(['READY']);
  });

  it('tells what was published while nobody was there, behind the last cursor', async () => {
    const updates = await follow();
    const first = await setup.api.publishEvent('invoice.paid');
    const { eventPublished } = await updates.until((update) => idOf(update) === first.id);
    updates.complete();
    const { results } = await setup.api.publishEvents(
      Array.from({ length: 500 }, (_, n) => ({ type: 'invoice.paid', data: { n } })),
    );
    await setup.api.publishEvents(Array.from({ length: 500 }, (_, n) => ({ type: 'invoice.paid', data: { n } })));
    await setup.api.publishEvents(Array.from({ length: 500 }, (_, n) => ({ type: 'invoice.paid', data: { n } })));

    const resumed = live.subscribe<Update>(EVENTS, { after: eventPublished.cursor });

    const last = await setup.api.publishEvent('customer.created');
    await resumed.until((update) => idOf(update) === last.id);
    const told = resumed.seen.flatMap((update) => idOf(update) ?? []);
    expect(new Set(told).size).toBe(1_501);
    expect(told).toEqual(expect.arrayContaining(results.map(({ event }) => event!.id)));
    expect(resumed.seen.map(kindOf)).not.toContain('RESYNC_REQUIRED');
  });

  it('tells an event once that is published again under its key, and nothing of test events or other accounts', async () => {
    await using other = await LiveClient.connect(setup.otherApi);
    const updates = await follow();
    const theirs = await follow({}, other);
    const endpoint = await setup.api.createEndpoint({ url: setup.receiver.url, eventTypes: ['invoice.paid'] });

    const input = { type: 'invoice.paid', data: {}, idempotencyKey: 'once' };
    const { results } = await setup.api.publishEvents([input]);
    await setup.api.publishEvents([input]);
    await setup.api.sendTestEvent({ endpointId: endpoint.id, type: 'invoice.paid' });
    const last = await setup.api.publishEvent('customer.created');

    await updates.until((update) => idOf(update) === last.id);
    expect(updates.seen.flatMap((update) => idOf(update) ?? [])).toEqual([results[0]!.event!.id, last.id]);
    const own = await setup.otherApi.publishEvent('invoice.paid');
    await theirs.until((update) => idOf(update) === own.id);
    expect(theirs.seen.flatMap((update) => idOf(update) ?? [])).toEqual([own.id]);
  });

  it('refuses what is no cursor', async () => {
    const updates = live.subscribe<Update>(EVENTS, { after: 'nonsense' });
    expect(await updates.errors()).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});
