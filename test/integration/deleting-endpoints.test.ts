import { expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { setUp } from '../support/service.js';

it('hides a deleted endpoint and its deliveries from every query at once, and keeps the events', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const deleted = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const kept = await api.createEndpoint({ url: receiver.url, eventTypes: ['customer.created'] });
  const { event } = await api.tryToPublish({ type: 'invoice.paid', data: {}, idempotencyKey: 'one' });
  const { id: deliveryId, attempts } = await api.deliveryOf(event!);

  expect(await api.deleteEndpoint(deleted.id)).toEqual({ deletedEndpointId: deleted.id, userErrors: [] });

  const { nodes, totalCount } = await api.page('endpoints');
  expect(nodes).toEqual([{ id: kept.id }]);
  expect(totalCount).toBe(1);
  expect(await api.endpoint(deleted.id)).toBeNull();
  expect(await api.delivery(deliveryId)).toBeNull();
  for (const filter of [{}, { endpointIds: [deleted.id] }, { eventId: event!.id }, { statuses: ['SUCCEEDED'] }]) {
    expect(await api.page('deliveries', { filter })).toMatchObject({ nodes: [], totalCount: 0 });
  }
  for (const id of [deleted.id, deliveryId, attempts[0]!.id]) {
    expect(await api.request('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
  }
  const ofEvent = 'query ($id: ID!) { event(id: $id) { id body deliveries { nodes { id } totalCount } } }';
  expect(await api.request(ofEvent, { id: event!.id })).toEqual({
    event: { id: event!.id, body: event!.body, deliveries: { nodes: [], totalCount: 0 } },
  });
  expect((await api.page('events')).nodes).toEqual([{ id: event!.id }]);
  const again = await api.tryToPublish({ type: 'invoice.paid', data: {}, idempotencyKey: 'one' });
  expect(again).toMatchObject({ event: { id: event!.id }, duplicate: true, deliveryCount: 0 });
});

it('does nothing more with a deleted endpoint', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const delivery = await api.deliveryOf(await api.publishEvent('invoice.paid'));
  await api.deleteEndpoint(id);

  const answers = [
    await api.deleteEndpoint(id),
    await api.updateEndpoint({ id, description: 'Still there?' }),
    await api.rotateSigningSecret({ id }),
    await api.revealSigningSecret(id),
    await api.sendTestEvent({ endpointId: id, type: 'invoice.paid' }),
    await api.retryDelivery(delivery.id),
  ];

  for (const { userErrors } of answers) expect(userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect(await api.tryToPublish({ type: 'invoice.paid', data: {} })).toMatchObject({ deliveryCount: 0 });
  expect(receiver.requests).toHaveLength(1);
});

it('lets an attempt finish that is under way when its endpoint is deleted, and shows nothing of it', async () => {
  await using setup = await setUp();
  const { api, receiver, database } = setup;
  receiver.answer({ status: 500 });
  const release = receiver.holdAnswers();
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  await receiver.receive(1);

  await api.deleteEndpoint(id);
  expect(await api.deliveries()).toEqual([]);
  release();

  await eventually('what was left of the delivery gone', async () => {
    return (await database.query('select from webhooks.deliveries')).length === 0;
  });
  expect(await api.deliveries({ eventId: event.id })).toEqual([]);
  expect(await database.query('select from webhooks.attempts')).toEqual([]);
  expect(receiver.requests).toHaveLength(1);
});

it('answers a test event whose endpoint is deleted meanwhile with NOT_FOUND', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const release = receiver.holdAnswers();
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const sent = api.sendTestEvent({ endpointId: id, type: 'invoice.paid' });
  await receiver.receive(1);

  await api.deleteEndpoint(id);
  release();

  expect(await sent).toMatchObject({ delivery: null, userErrors: [{ code: 'NOT_FOUND' }] });
});

it('drops what is still due to a deleted endpoint', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '1s' } });
  const { api, receiver, database } = setup;
  receiver.answer({ status: 500 });
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const event = await api.publishEvent('invoice.paid');
  await api.deliveryOf(event, ({ status }) => status === 'RETRYING');

  await api.deleteEndpoint(id);

  await eventually('the job of the retry gone', async () => {
    return (await database.query('select from webhooks_queue.job')).length === 0;
  });
  expect(receiver.requests).toHaveLength(1);
});
