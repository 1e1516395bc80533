import { expect, it } from '@jest/globals';
import { LiveClient } from '../support/live.js';
import { setUp } from '../support/service.js';

interface Update {
  endpointUpdated: {
    kind: string;
    endpoint: {
      id: string;
      status: string;
      description: string | null;
      heldCount: number;
      successRate: number | null;
      lastDeliveryAt: string | null;
    } | null;
    deletedEndpointId: string | null;
  };
}

const ENDPOINTS = `subscription ($endpointIds: [ID!]) { endpointUpdated(endpointIds: $endpointIds) {
  kind endpoint { id status description heldCount successRate lastDeliveryAt } deletedEndpointId } }`;

const endpointOf = ({ endpointUpdated }: Update) => endpointUpdated.endpoint;

it('tells what a person changes, and what deliveries do to an endpoint, as it is now', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  await using live = await LiveClient.connect(api);
  const updates = live.subscribe<Update>(ENDPOINTS);
  expect(await updates.next()).toEqual({
    endpointUpdated: { kind: 'READY', endpoint: null, deletedEndpointId: null },
  });

  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  expect(endpointOf(await updates.next())).toMatchObject({ id, status: 'ACTIVE', successRate: null });
  await api.updateEndpoint({ id, description: 'Ours' });
  await updates.until((update) => endpointOf(update)?.description === 'Ours');

  await api.publishEvent('invoice.paid');
  const delivered = await updates.until((update) => endpointOf(update)?.successRate === 1);
  expect(endpointOf(delivered)!.lastDeliveryAt).not.toBeNull();

  receiver.answer({ status: 500 });
  for (let count = 0; count < 5; count += 1) await api.publishEvent('invoice.paid');
  await updates.until((update) => endpointOf(update)?.status === 'FAILING');

  await api.disableEndpoint(id);
  await api.publishEvent('invoice.paid');
  await updates.until((update) => endpointOf(update)?.status === 'DISABLED' && endpointOf(update)?.heldCount === 6);

  receiver.answer({ status: 200 });
  await api.enableEndpoint(id);
  await updates.until((update) => endpointOf(update)?.status === 'ACTIVE' && endpointOf(update)?.heldCount === 0);

  await api.deleteEndpoint(id);
  expect((await updates.until(({ endpointUpdated }) => endpointUpdated.kind === 'DELETED')).endpointUpdated).toEqual({
    kind: 'DELETED',
    endpoint: null,
    deletedEndpointId: id,
  });
});

it('merges what comes in quick succession, and tells the last of it', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await using live = await LiveClient.connect(api);
  const updates = live.subscribe<Update>(ENDPOINTS, { endpointIds: [id] });
  await updates.next();
  await api.disableEndpoint(id);

  const startedAt = performance.now();
  for (let count = 0; count < 100; count += 1) await api.publishEvent('invoice.paid');
  await updates.until((update) => endpointOf(update)?.heldCount === 100);

  const seconds = (performance.now() - startedAt) / 1_000;
  expect(updates.seen.length).toBeLessThan(5 + 5 * seconds);
});

it('tells only of the endpoints asked for, and nothing of another account', async () => {
  await using setup = await setUp();
  const { api, otherApi, receiver } = setup;
  const one = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const two = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await using live = await LiveClient.connect(api);
  await using otherLive = await LiveClient.connect(otherApi);
  const ofOne = live.subscribe<Update>(ENDPOINTS, { endpointIds: [one.id] });
  const none = live.subscribe<Update>(ENDPOINTS, { endpointIds: [] });
  const others = otherLive.subscribe<Update>(ENDPOINTS);
  for (const updates of [ofOne, none, others]) await updates.next();

  await api.updateEndpoint({ id: two.id, description: 'Two' });
  await api.updateEndpoint({ id: one.id, description: 'One' });

  await ofOne.until((update) => endpointOf(update)?.description === 'One');
  expect(new Set(ofOne.seen.flatMap((update) => endpointOf(update)?.id ?? []))).toEqual(new Set([one.id]));
  for (const updates of [none, others]) expect(updates.seen).toHaveLength(1);
});
