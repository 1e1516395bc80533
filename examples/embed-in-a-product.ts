// A product with the dashboard in a page of its own. docs/embedding.md goes through it, and says how to start the service.
//   WEBHOOKS_URL=http://127.0.0.1:4000/graphql WEBHOOKS_KEY=rk_live_… npx node examples/embed-in-a-product.ts
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { publish, RegisterEventTypeDocument, request } from 'revkeen-webhooks/client';

const url = process.env.WEBHOOKS_URL!;
const webhooks = new URL(url).origin;
const port = Number(process.env.PORT ?? 3000);
const product = `http://127.0.0.1:${port}`;

// Its own event types. The key may do nothing but this: its one scope is catalog:admin.
const catalog = { url, credential: process.env.WEBHOOKS_KEY! };
const orderShipped = {
  name: 'order.shipped',
  category: 'Orders',
  description: 'Sent when an order has left the warehouse.',
  sampleData: { id: 'ord_1' },
  dataSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
};
const { registerEventType } = await request(catalog, RegisterEventTypeDocument, { input: orderShipped });
for (const { message } of registerEventType.userErrors) throw new Error(message);

// Its tokens. The service finds the public key at JWT_JWKS_URL; a real product keeps the private one over restarts.
const { privateKey, publicKey } = await generateKeyPair('ES256');
const key = await exportJWK(publicKey);
const kid = await calculateJwkThumbprint(key);
const published = JSON.stringify({ keys: [{ ...key, kid, alg: 'ES256', use: 'sig' }] });

function signToken(account: string, scope: string): Promise<string> {
  const token = new SignJWT({ account, scope }).setProtectedHeader({ alg: 'ES256', kid });
  return token.setIssuer(product).setAudience('webhooks').setIssuedAt().setExpirationTime('5m').sign(privateKey);
}

// Its users: of which customer, and what they may do with its webhooks. A real product has passwords.
const READ = 'endpoints:read deliveries:read events:read';
const users = new Map([
  ['owner-1', { customer: 'customer-1', scope: `${READ} endpoints:write deliveries:write secrets:read` }],
  ['reader-1', { customer: 'customer-1', scope: READ }],
  ['owner-2', { customer: 'customer-2', scope: `${READ} endpoints:write deliveries:write secrets:read` }],
]);

function userOf({ headers }: IncomingMessage) {
  return users.get(/\buser=([\w-]+)/.exec(headers.cookie ?? '')?.[1] ?? '');
}

// Its page. The dashboard asks for a new token in time; tokens go to the dashboard, and to no other page in its place.
const settingsPage = (token: string) => `<!doctype html>
<html lang="en">
  <title>Settings</title>
  <button>Ship an order</button>
  <iframe title="Webhooks" src="${webhooks}/?theme=light#token=${token}" allow="clipboard-write" width="1200" height="700"></iframe>
  <script type="module">
    const dashboard = document.querySelector('iframe').contentWindow;
    addEventListener('message', async ({ source, data }) => {
      if (source !== dashboard || data?.type !== 'revkeen-webhooks:token-wanted') return;
      const answer = await fetch('/settings/webhooks/token');
      if (!answer.ok) return location.reload();
      dashboard.postMessage({ type: 'revkeen-webhooks:token', token: await answer.text() }, '${webhooks}');
    });
    document.querySelector('button').onclick = () => fetch('/orders/ship', { method: 'POST' });
  </script>
</html>`;

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const { pathname, searchParams } = new URL(incoming.url!, product);
  const path = `${incoming.method} ${pathname}`;
  const send = (type: string, body: string) => response.setHeader('content-type', type).end(body);
  response.setHeader('cache-control', 'no-store');
  if (path === 'GET /.well-known/jwks.json') return send('application/json', published);
  const name = searchParams.get('user') ?? '';
  if (path === 'GET /sign-in' && users.has(name)) {
    response.setHeader('set-cookie', `user=${name}; HttpOnly; SameSite=Lax; Path=/`);
    return response.writeHead(303, { location: '/settings/webhooks' }).end();
  }
  const user = userOf(incoming);
  if (!user) return response.writeHead(401).end('Not signed in.');
  const { customer, scope } = user;
  if (path === 'GET /settings/webhooks') return send('text/html', settingsPage(await signToken(customer, scope)));
  if (path === 'GET /settings/webhooks/token') return send('text/plain', await signToken(customer, scope));
  if (path !== 'POST /orders/ship') return response.writeHead(404).end();
  // Its back end publishes for whichever customer it is, with a token that allows that and nothing else.
  const publisher = { url, credential: () => signToken(customer, 'events:write') };
  await publish(publisher, [{ type: 'order.shipped', data: { id: `ord_${crypto.randomUUID()}` } }]);
  return response.writeHead(204).end();
}

const server = createServer((incoming, response) => {
  answer(incoming, response).catch((error) => response.writeHead(500).end(String(error)));
});
server.listen(port, '127.0.0.1', () => console.log(`Open ${product}/sign-in?user=owner-1`));
