// Publishes an event and follows its deliveries until all of them are final, with the client of `graphql-ws` alone.
//   WEBHOOKS_URL=http://127.0.0.1:4000/graphql WEBHOOKS_KEY=rk_live_… npx node examples/graphql-ws.ts
import { createClient } from 'graphql-ws';
import { DeliveryUpdatedDocument, follow, publish } from 'revkeen-webhooks/client';
import { WebSocket } from 'ws';

const url = process.env.WEBHOOKS_URL!;
const credential = process.env.WEBHOOKS_KEY!;

const client = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${credential}` },
  retryAttempts: Number.POSITIVE_INFINITY,
});

const data = { id: 'inv_1', total: 4900, currency: 'USD' };
const [published] = await publish({ url, credential }, [{ type: 'invoice.paid', data }]);
const { id: eventId } = published!.event!;
console.log(`published ${eventId}`);
for await (const { deliveryUpdated } of follow(client, DeliveryUpdatedDocument, { eventId })) {
  const { kind, delivery } = deliveryUpdated;
  console.log(kind, delivery?.status ?? '', delivery?.lastAttempt?.responseStatusCode ?? '');
}
await client.dispose();
