import { expect, it } from '@jest/globals';
import { setUp } from '../../support/service.js';

it.each([
  ['no slot of the endpoint is free', { ENDPOINT_CONCURRENCY: '2' }, {}],
  ['no slot at all is free', { DISPATCH_CONCURRENCY: '2' }, {}],
  ['its limit lets nothing else through', { ENDPOINT_CONCURRENCY: '2' }, { rateLimitPerSecond: 100 }],
])('sends a test event at once though %s', async (_what, env, settings) => {
  await using setup = await setUp({ env: { ...env, ATTEMPT_TIMEOUT: '10m' } });
  const { api, receiver } = setup;
  receiver.answer({ status: 200, body: 'heard' });
  const release = receiver.holdAnswers(({ rawBody }) => JSON.parse(rawBody).livemode);
  const { id } = await api.createEndpoint({ url: receiver.url, allEvents: true, ...settings });
  const count = 'DISPATCH_CONCURRENCY' in env ? 1 : 2;
  await api.publishEvents(Array.from({ length: 20 }, () => ({ type: 'invoice.paid', data: {} })));
  await receiver.receive(count);

  const tests = [];
  for (let number = 0; number < 3; number += 1) {
    tests.push(await api.sendTestEvent({ endpointId: id, type: 'customer.created' }));
  }

  for (const { delivery } of tests) {
    expect(delivery).toMatchObject({ status: 'SUCCEEDED', attempts: [{ responseBody: 'heard' }] });
  }
  expect((await api.deliveries({ livemode: true })).map(({ status }) => status)).toEqual(Array(20).fill('PENDING'));
  release();
});
