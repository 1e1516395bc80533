import type { Answer } from './receiver.js';
import type { Stage } from './stage.js';

export interface EndpointView {
  readonly id: string;
  readonly status: 'ACTIVE' | 'FAILING' | 'DISABLED';
  readonly heldCount: number;
}

interface NewEndpoint {
  readonly eventTypes: readonly string[];
  /** Waits before further attempts, in seconds; the service's own if left out. */
  readonly retryScheduleSeconds?: readonly number[];
  /** What the receiver answers there; 200 at once if left out. */
  readonly answer?: (count: number) => Answer;
}

export const ENDPOINT = 'id status heldCount';

const CREATE_ENDPOINT = `mutation ($input: CreateEndpointInput!) {
  createEndpoint(input: $input) { endpoint { id } signingSecret userErrors { message } }
}`;

/** Registers a path of the receiver as an endpoint, and hands the receiver its secret. Answers the endpoint's id. */
export async function createEndpoint(
  { api, receiver, screen, pathsById }: Stage,
  path: string,
  { answer, ...input }: NewEndpoint,
): Promise<string> {
  if (answer) receiver.answer(path, answer);
  const { endpoint, signingSecret } = await api.mutate<{ endpoint: { id: string }; signingSecret: string }>(
    CREATE_ENDPOINT,
    { input: { url: receiver.urlOf(path), ...input } },
  );
  receiver.trust(path, signingSecret);
  pathsById.set(endpoint.id, path);
  const secret = screen.paint('dim', `secret ${masked(signingSecret, 'whsec_')}`);
  screen.detail(`endpoint ${path.padEnd(9)} ${secret}  ${input.eventTypes.join(', ')}`);
  return endpoint.id;
}

/** An endpoint as the API shows it. */
export async function readEndpoint({ api }: Stage, id: string): Promise<EndpointView> {
  const query = `query ($id: ID!) { endpoint(id: $id) { ${ENDPOINT} } }`;
  const { endpoint } = await api.query<{ endpoint: EndpointView }>(query, { id });
  return endpoint;
}

/** A secret of which only the prefix is shown. */
export function masked(secret: string, prefix: string): string {
  return `${secret.slice(0, prefix.length)}${'*'.repeat(12)}`;
}
