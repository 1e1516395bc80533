import { newId, toTypeId } from '../../src/storage/ids.js';
import type { BareAnswer, BareRequest } from './bare.js';
import { POSTERS } from './posters.js';
import { invoice } from './publish.js';

/** Sends requests like those of the dispatcher with nothing else to do: no queue, no database, nothing to sign. */
process.on('message', async ({ poster: name, urls, count, inFlight }: BareRequest) => {
  const poster = POSTERS[name]();
  const signature = 'sha256=8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4';
  let sent = 0;
  const pump = async () => {
    while (sent < count) {
      const number = sent;
      sent += 1;
      const eventId = toTypeId('evt', newId());
      const body = JSON.stringify({
        id: eventId,
        type: 'invoice.paid',
        created: new Date(),
        livemode: true,
        data: invoice(number),
      });
      const headers = [
        { name: 'content-type', value: 'application/json' },
        { name: 'user-agent', value: 'RevKeen-Webhooks/0.0.0' },
        { name: 'x-revkeen-signature', value: signature },
        { name: 'x-revkeen-event', value: 'invoice.paid' },
        { name: 'x-revkeen-delivery', value: toTypeId('dlv', newId()) },
        { name: 'x-revkeen-attempt', value: '1' },
        { name: 'webhook-id', value: eventId },
        { name: 'webhook-timestamp', value: String(Math.floor(Date.now() / 1_000)) },
        { name: 'webhook-signature', value: 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=' },
      ];
      const outcome = await poster.post({ url: urls[number % urls.length]!, headers, body });
      if (outcome.kind !== 'response' || outcome.statusCode !== 200) throw new Error(JSON.stringify(outcome));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, pump));
  poster.close();
  process.send!({ done: true } satisfies BareAnswer);
});
process.on('disconnect', () => process.exit());
