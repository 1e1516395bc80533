import { expect, it } from '@jest/globals';
import { verify, verifyWithFallback } from '@octokit/webhooks-methods';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import type { ReceivedRequest } from '../support/receiver.js';
import { setUp } from '../support/service.js';

const LIBRARIES = { StandardWebhook, SvixWebhook };

it('every library accepts what really arrives, first attempts and repeats alike', async () => {
  await using setup = await setUp({ env: { RETRY_SCHEDULE: '50ms' } });
  const { api, receiver } = setup;
  receiver.answer((_request, _response, count) => ({ status: count === 1 ? 500 : 200 }));
  const { id: endpointId, signingSecret } = await api.createEndpoint({ url: receiver.url, allEvents: true });

  await api.deliveryOf(await api.publishEvent('invoice.paid', { customer: 'Zoë', emoji: '🧾', lone: '\ud800' }));
  await api.sendTestEvent({ endpointId, type: 'payment.failed' });

  for (const { rawBody, headers } of (await receiver.receive(3)).map(readable)) {
    for (const Webhook of Object.values(LIBRARIES)) {
      expect(() => new Webhook(signingSecret).verify(rawBody, headers)).not.toThrow();
    }
    expect(await verify(signingSecret, rawBody, headers['x-revkeen-signature']!)).toBe(true);
  }
});

it('every library accepts it with the old secret and with the new while a rotation lasts', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id, signingSecret: old } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.request('mutation ($id: ID!) { rotateSigningSecret(input: { id: $id }) { userErrors { message } } }', {
    id,
  });
  const { revealSigningSecret } = await api.request<{ revealSigningSecret: { signingSecret: string } }>(
    'mutation ($id: ID!) { revealSigningSecret(id: $id) { signingSecret } }',
    { id },
  );
  const current = revealSigningSecret.signingSecret;

  await api.publishEvent('invoice.paid');
  const { rawBody, headers } = readable((await receiver.receive(1))[0]!);

  expect(current).not.toBe(old);
  for (const Webhook of Object.values(LIBRARIES)) {
    expect(() => new Webhook(current).verify(rawBody, headers)).not.toThrow();
    expect(() => new Webhook(old).verify(rawBody, headers)).not.toThrow();
  }
  expect(await verify(current, rawBody, headers['x-revkeen-signature']!)).toBe(true);
  expect(await verify(old, rawBody, headers['x-revkeen-signature-previous']!)).toBe(true);
  expect(await verifyWithFallback(old, rawBody, headers['x-revkeen-signature']!, [current])).toBe(true);
});

it('no library accepts a secret any more that was replaced twice, or without an overlap', async () => {
  await using setup = await setUp();
  const { api, receiver } = setup;
  const { id, signingSecret: first } = await api.createEndpoint({ url: receiver.url, allEvents: true });
  const { signingSecret: second } = await api.rotateSigningSecret({ id });
  const { signingSecret: third } = await api.rotateSigningSecret({ id });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  const { signingSecret: fourth } = await api.rotateSigningSecret({ id, overlapHours: 0 });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));

  const secrets = [first, second!, third!, fourth!];
  const accepted = (await receiver.receive(2)).map(readable).map(({ rawBody, headers }) =>
    Object.values(LIBRARIES).map((Webhook) =>
      secrets.filter((secret) => {
        try {
          new Webhook(secret).verify(rawBody, headers);
          return true;
        } catch {
          return false;
        }
      }),
    ),
  );
  const twice = <Value>(value: Value) => Object.values(LIBRARIES).map(() => value);
  expect(accepted).toEqual([twice([second, third]), twice([fourth])]);
});

function readable({ rawBody, headers }: ReceivedRequest): { rawBody: string; headers: Record<string, string> } {
  return { rawBody, headers: headers as Record<string, string> };
}
