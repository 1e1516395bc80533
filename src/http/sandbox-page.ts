import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';
import { SAMPLE_OPERATIONS, SAMPLE_VARIABLES } from '../sample-operations.js';

const SCRIPT_URL = 'https://embeddable-sandbox.cdn.apollographql.com/v2/embeddable-sandbox.umd.production.min.js';
const FRAME_ORIGIN = 'https://sandbox.embed.apollographql.com';

/**
 * Apollo Sandbox on this service, for a browser that opens the URL of the API; the same in every mode. The page that comes
 * with the GraphQL server knows no address for subscriptions. Requests go from this page, not from Apollo's: what a user
 * types stays between browser and service.
 *
 * @see https://www.apollographql.com/docs/graphos/platform/sandbox#embedding-sandbox
 */
export const answerSandboxPage: RequestHandler = (request, response, next) => {
  response.vary('accept');
  const isForBrowser = request.accepts(['json', 'application/graphql-response+json', 'html']) === 'html';
  if (!isForBrowser) return next();
  const nonce = randomBytes(16).toString('base64');
  response.set('content-security-policy', contentSecurityPolicy(nonce));
  response.set('cache-control', 'no-store');
  response.type('html').send(renderSandboxPage(nonce));
};

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    'img-src data:',
    // WebSockets of the same host included.
    "connect-src 'self'",
    `frame-src ${FRAME_ORIGIN}`,
    "frame-ancestors 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** The options of Sandbox that are the same wherever the service runs; the addresses are known to the browser. */
const OPTIONS = {
  target: '#sandbox',
  endpointIsEditable: false,
  allowDynamicStyles: false,
  runTelemetry: false,
  initialState: {
    document: SAMPLE_OPERATIONS,
    variables: SAMPLE_VARIABLES,
    headers: { authorization: 'Bearer <your API key>' },
  },
};

/** Says what it is and how to do without, and makes way for Sandbox once that is there. */
function renderSandboxPage(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>RevKeen Webhooks: GraphQL API</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">
  body { display: flex; flex-direction: column; height: 100vh; margin: 0; font: 14px/1.5 system-ui, sans-serif; }
  details { padding: 6px 16px; }
  summary { cursor: pointer; }
  pre { overflow-x: auto; padding: 12px; background: #f3f4f6; color: #111827; }
  #sandbox { flex: 1; }
  iframe { display: block; width: 100%; height: 100%; border: 0; }
</style>
</head>
<body>
<details open>
  <summary>RevKeen Webhooks: the GraphQL API at <code class="endpoint">/graphql</code></summary>
  <p>Below, Apollo Sandbox lets you try it. It is loaded from the internet and missing where a browser cannot reach
  <code>apollographql.com</code>; the API is there all the same:</p>
  <pre>curl <span class="endpoint">/graphql</span> \\
  -H 'authorization: Bearer &lt;your API key&gt;' -H 'content-type: application/json' \\
  -d '{"query": "{ endpoints { nodes { id url status } } }"}'</pre>
  <p>The first start of the service prints an API key; <code>BOOTSTRAP_API_KEY</code> sets one. Subscriptions are at
  <code class="subscriptions">/graphql</code>, subprotocol <code>graphql-transport-ws</code>, with
  <code>{"authorization": "Bearer &lt;your API key&gt;"}</code> as payload of <code>connection_init</code>.</p>
</details>
<div id="sandbox"></div>
<script nonce="${nonce}">
  const endpoint = location.origin + location.pathname.replace(/\\/$/, '');
  const subscriptions = endpoint.replace(/^http/, 'ws');
  for (const element of document.querySelectorAll('.endpoint')) element.textContent = endpoint;
  for (const element of document.querySelectorAll('.subscriptions')) element.textContent = subscriptions;
</script>
<script nonce="${nonce}" src="${SCRIPT_URL}"></script>
<script nonce="${nonce}">
  if (window.EmbeddedSandbox) {
    document.querySelector('details').open = false;
    new EmbeddedSandbox({
      initialEndpoint: endpoint,
      initialSubscriptionEndpoint: subscriptions,
      ...${JSON.stringify(OPTIONS).replaceAll('<', '\\u003c')},
    });
  }
</script>
</body>
</html>
`;
}
