import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema } from '../../src/api/schema.js';
import type { ApiClient } from '../support/api.js';
import { createBelongings, digestOf } from '../support/belongings.js';
import { everyOperation, type Ids } from '../support/every-operation.js';
import { LiveClient, type LiveSubscription } from '../support/live.js';
import { type Setup, setUp } from '../support/service.js';

const operations = everyOperation(buildSchema());

const DELIVERIES = 'subscription ($after: String) { deliveryUpdated(after: $after) { kind cursor delivery { id } } }';

interface Update {
  deliveryUpdated: { kind: string; cursor: string; delivery: { id: string } | null };
}

let setup: Setup;
let owner: ApiClient;
let stranger: ApiClient;
/** What the owner has. The stranger knows all of it. */
let ids: Ids;
let strangersIds: Ids;

beforeAll(async () => {
  setup = await setUp();
  [owner, stranger] = [setup.api, setup.otherApi];
  ids = await createBelongings(owner, `${setup.receiver.url}/owner`);
  strangersIds = await createBelongings(stranger, `${setup.receiver.url}/stranger`, 'a key of its own');
});

afterAll(async () => setup[Symbol.asyncDispose]());

function expectNothingOfTheOwner(answer: unknown): void {
  const { url: _, ...secrets } = ids;
  const text = JSON.stringify(answer);
  for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
  expect(text).not.toContain('"accountId":"default"');
}

describe('somebody of another account who knows every id', () => {
  it('gets nothing from any query or mutation, and changes nothing', async () => {
    const before = await digestOf(setup.database, 'default');

    for (const { name, kind, field, document, variables, toStrangers } of operations) {
      if (kind === 'subscription') continue;
      const { data, errors } = await stranger.send<Record<string, unknown>>(document, variables(ids));

      expect({ name, errors }).toEqual({ name, errors: undefined });
      if (toStrangers === null) expect({ name, answer: data![field] }).toEqual({ name, answer: null });
      else if (toStrangers) expect({ name, answer: data![field] }).toMatchObject({ name, answer: toStrangers });
      expectNothingOfTheOwner(data);
    }

    expect(await digestOf(setup.database, 'default')).toEqual(before);
    expect(Object.keys(before)).toEqual(
      expect.arrayContaining(['endpoints', 'events', 'deliveries', 'attempts', 'bulk_retries', 'api_keys']),
    );
  });

  it('gets nothing by `node`, whatever it is of', async () => {
    const { url: _, ...all } = ids;
    for (const id of Object.values(all)) {
      const query = 'query ($id: ID!) { node(id: $id) { id __typename } }';
      expect(await owner.request(query, { id })).toEqual({ node: { id, __typename: expect.any(String) } });
      expect(await stranger.request(query, { id })).toEqual({ node: null });
    }
  });

  it('gets nothing behind the cursors of a page', async () => {
    const lists = ['endpoints', 'events', 'deliveries', 'apiKeys'];
    const pages = await owner.request<Record<string, { pageInfo: { endCursor: string } }>>(
      `{ ${lists.map((list) => `${list}(first: 1) { pageInfo { endCursor } }`).join(' ')} }`,
    );
    const ask = (list: string, after: string) => `{ ${list}(after: "${after}") { nodes { id } } }`;
    const nested = (object: string, id: string, after: string) =>
      `{ ${object}(id: "${id}") { deliveries(after: "${after}") { nodes { id } } } }`;
    const cursor = pages.deliveries!.pageInfo.endCursor;
    const attempts = [
      ...lists.map((list) => ask(list, pages[list]!.pageInfo.endCursor)),
      ...lists.map((list) => ask(list, pages[list]!.pageInfo.endCursor).replace('after', 'before')),
      nested('endpoint', strangersIds.endpoint, cursor),
      nested('event', strangersIds.event, cursor),
    ];

    for (const query of attempts) {
      const { errors } = await stranger.send(query);
      expect({ query, errors }).toMatchObject({ query, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    }
    for (const list of lists)
      expect((await owner.send(ask(list, pages[list]!.pageInfo.endCursor))).errors).toBeUndefined();
  });

  it('gets nothing by its own objects: they lead to nothing of others', async () => {
    const filter = `filter: { endpointIds: ["${ids.endpoint}"], eventId: "${ids.event}" }`;

    const answer = await stranger.request(
      `{ endpoint(id: "${strangersIds.endpoint}") { deliveries(${filter}) { nodes { id } totalCount } }
         event(id: "${strangersIds.event}") { deliveries(${filter}) { nodes { id } totalCount } }
         deliveries(filter: { endpointIds: ["${ids.endpoint}"] }) { nodes { id } totalCount }
         ofEvent: deliveries(filter: { eventId: "${ids.event}" }) { nodes { id } totalCount } }`,
    );

    const nothing = { nodes: [], totalCount: 0 };
    expect(answer).toEqual({
      endpoint: { deliveries: nothing },
      event: { deliveries: nothing },
      deliveries: nothing,
      ofEvent: nothing,
    });
  });

  it('hears nothing, whatever happens', async () => {
    await using ownersLive = await LiveClient.connect(owner);
    await using live = await LiveClient.connect(stranger);
    const own = ownersLive.subscribe<Update>(DELIVERIES);
    const { cursor } = (await own.next()).deliveryUpdated;
    const subscriptions = operations.filter(({ kind }) => kind === 'subscription');
    const foreign: LiveSubscription<unknown>[] = subscriptions.map(({ document, variables }) =>
      live.subscribe(document, variables(ids)),
    );
    const strangers = live.subscribe<Update>(DELIVERIES);
    expect((await strangers.next()).deliveryUpdated.kind).toBe('READY');

    const isDone = ({ deliveryUpdated: { delivery } }: Update) => delivery !== null;
    await owner.deliveryOf(await owner.publishEvent('invoice.paid'));
    await own.until(isDone);
    await owner.disableEndpoint(ids.endpoint);
    await stranger.deliveryOf(await stranger.publishEvent('invoice.paid'), undefined, strangersIds.endpoint);
    await strangers.until(isDone);

    for (const [index, { name }] of subscriptions.entries()) {
      const kinds = foreign[index]!.seen.map(
        (seen) => Object.values(seen as Record<string, { kind: string }>)[0]!.kind,
      );
      expect({ name, kinds }).toEqual({ name, kinds: name === 'Subscription.bulkRetryUpdated' ? [] : ['READY'] });
    }
    expectNothingOfTheOwner(strangers.seen);
    const resumed = live.subscribe<Update>(DELIVERIES, { after: cursor });
    expect(await resumed.errors()).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(own.seen.length).toBeGreaterThan(1);
  });
});
