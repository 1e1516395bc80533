/** What Sandbox and the explorer open with. It travels in a URL, so it stays short: see the test. */
export const SAMPLE_OPERATIONS = `# Put your API key into "authorization" under Headers, below. Then run any of these;
# what begins with $ is under Variables. Ids come from the answers.

# Your endpoints, and how they are doing.
query Endpoints {
  endpoints(first: 10) {
    nodes { id url status allEvents eventTypes successRate lastDeliveryAt heldCount }
  }
}

# Registers an endpoint. The signing secret is shown this once.
mutation CreateEndpoint($url: URL!) {
  createEndpoint(input: { url: $url, allEvents: true }) {
    endpoint { id status }
    signingSecret
    userErrors { field code message }
  }
}

# Leave this running and publish: every delivery, as it goes.
subscription WatchDeliveries {
  deliveryUpdated {
    kind
    delivery {
      id status eventType attemptCount nextAttemptAt
      lastAttempt { outcome responseStatusCode responseTimeMs error }
    }
  }
}

# Goes to every endpoint that receives this type.
mutation PublishEvent($data: JSON!) {
  publishEvent(input: { type: "invoice.paid", data: $data }) {
    event { id body }
    deliveryCount
    userErrors { field code message }
  }
}

# One attempt, now. The answer has what the endpoint said.
mutation SendTestEvent($endpointId: ID!) {
  sendTestEvent(input: { endpointId: $endpointId, type: "invoice.paid" }) {
    delivery { id status lastAttempt { responseStatusCode responseBody error } }
    userErrors { field code message }
  }
}

# From here on, its deliveries are held.
mutation DisableEndpoint($endpointId: ID!) {
  disableEndpoint(id: $endpointId) {
    endpoint { status heldCount }
    userErrors { code message }
  }
}

# What was held goes out, oldest first.
mutation EnableEndpoint($endpointId: ID!) {
  enableEndpoint(id: $endpointId) {
    endpoint { status heldCount }
    userErrors { code message }
  }
}

# The log of what did not arrive.
query Failures {
  deliveries(first: 10, filter: { statuses: [RETRYING, FAILED] }) {
    nodes { id attempts { number outcome responseStatusCode responseBody error } }
  }
}

# One more attempt, whatever the schedule says.
mutation RetryDelivery($deliveryId: ID!) {
  retryDelivery(id: $deliveryId) {
    delivery { status attemptCount }
    userErrors { code message }
  }
}
`;

export const SAMPLE_VARIABLES = {
  url: 'https://example.com/webhooks',
  data: { id: 'inv_1', total: 4900, currency: 'usd' },
  endpointId: 'ep_…',
  deliveryId: 'dlv_…',
};
