import type { Api } from './api.js';
import { counted } from './counted.js';
import { DELIVERY_FIELDS, type TriedDelivery, tellResults } from './first-results.js';

const SUBSCRIBED = `query ($type: String!) {
  endpoints(first: 100, filter: { eventType: $type, statuses: [ACTIVE, FAILING] }) { nodes { id } totalCount } }`;

const SEND = `mutation ($input: SendTestEventInput!) {
  sendTestEvent(input: $input) { delivery { ${DELIVERY_FIELDS} } userErrors { message } } }`;

/**
 * Sends an event of a type that nobody but the service publishes, as a test event, to the endpoints that would get it:
 * enabled and subscribed. Tells what they answer.
 */
export async function sendTests(api: Api, type: string, data: unknown): Promise<void> {
  const subscribed = await api.query<{ endpoints: { nodes: { id: string }[]; totalCount: number } }>(SUBSCRIBED, {
    type,
  });
  const { nodes, totalCount } = subscribed.endpoints;
  const most = nodes.length < totalCount ? `, of ${totalCount}` : '';
  console.log(
    `The service itself publishes ${type}. Sending a test event to ${counted(nodes.length, 'endpoint')}${most}.`,
  );
  const send = async ({ id: endpointId }: { id: string }) => {
    const { delivery } = await api.mutate<{ delivery: TriedDelivery }>(SEND, { input: { endpointId, type, data } });
    return delivery;
  };
  tellResults(await Promise.all(nodes.map(send)), nodes.length);
}
