import type { ApiClient, EndpointView } from '../api.js';
import type { EndpointHistory } from './ledger.js';
import { NATURES, natureOf } from './natures.js';
import { EVENT_TYPES } from './publishing-acts.js';
import type { Random } from './random.js';
import { ask, insist, type Turmoil } from './turmoil.js';

/** Creates an endpoint of this nature, subscribed to types of chance. */
export async function createEndpoint(turmoil: Turmoil, random: Random, nature: string): Promise<void> {
  const { ledger } = turmoil;
  const name = `${nature}-${ledger.nextNumber()}`;
  const eventTypes = chooseTypes(random);
  const input = { url: urlOf(turmoil, name), ...subscribeTo(eventTypes), ...natureOf(name).settings };
  const { span, answer } = await insist(turmoil, random, (api) => createOnce(api, input));
  ledger.endpoints.set(answer.id, {
    id: answer.id,
    name,
    subscriptions: [{ span, eventTypes }],
    schedules: [answer.retryScheduleSeconds],
    secrets: [{ secret: answer.signingSecret, span, overlapHours: 0 }],
    disables: [],
    enables: [],
    deleted: null,
    shownAfterDeletion: [],
  });
}

/** Disables or enables, as chance will have it. */
export async function toggle(turmoil: Turmoil, random: Random): Promise<void> {
  const endpoint = pickTouchable(turmoil, random);
  await (random.chance(0.5) ? disable(turmoil, random, endpoint) : enable(turmoil, random, endpoint));
}

/** Disables and enables the same endpoint a few times without a pause. */
export async function toggleQuickly(turmoil: Turmoil, random: Random): Promise<void> {
  const endpoint = pickTouchable(turmoil, random);
  for (let times = random.whole(1, 4); times > 0; times -= 1) {
    await disable(turmoil, random, endpoint);
    await enable(turmoil, random, endpoint);
  }
}

export async function disable(turmoil: Turmoil, random: Random, endpoint: EndpointHistory): Promise<void> {
  const { span, answer } = await ask(turmoil, random, (api) => api.disableEndpoint(endpoint.id));
  if (answer?.endpoint) endpoint.disables.push(span);
}

export async function enable(turmoil: Turmoil, random: Random, endpoint: EndpointHistory): Promise<void> {
  const { span, answer } = await ask(turmoil, random, (api) => api.enableEndpoint(endpoint.id));
  // Enabled or not: nobody may rely on its being disabled from here on.
  if (!answer || answer.endpoint) endpoint.enables.push(span);
}

/** Changes what an endpoint is subscribed to, or how it is called. Only one actor may do so. */
export async function change(turmoil: Turmoil, random: Random): Promise<void> {
  const endpoint = random.pick(turmoil.ledger.livingEndpoints());
  const { id, name, schedules, subscriptions } = endpoint;
  if (random.chance(0.4)) {
    const eventTypes = chooseTypes(random);
    const { span, answer } = await insist(turmoil, random, (api) => {
      return api.updateEndpoint({ id, ...subscribeTo(eventTypes) });
    });
    if (answer.endpoint) subscriptions.push({ span, eventTypes });
    return;
  }
  // One that comes with a schedule keeps it, so that there is no doubt by which its attempts go.
  const own = natureOf(name).settings?.retryScheduleSeconds;
  const schedule = own ?? random.pick([[0.2], [0.1, 0.4], [0.3, 0.1, 0.2]]);
  const settings = random.pick([
    { description: 'Moved' },
    { url: `${urlOf(turmoil, name)}?version=${turmoil.ledger.nextNumber()}` },
    { headers: [{ name: 'x-tenant', value: 'blue', secret: random.chance(0.5) }] },
    { retryScheduleSeconds: schedule },
  ]);
  // Before it is known to hold: from the moment it is asked for, attempts may go by it.
  if ('retryScheduleSeconds' in settings) schedules.push(schedule);
  await insist(turmoil, random, (api) => api.updateEndpoint({ id, ...settings }));
}

export async function rotate(turmoil: Turmoil, random: Random): Promise<void> {
  const { id, secrets } = random.pick(turmoil.ledger.livingEndpoints());
  const input = { id, overlapHours: random.whole(0, 1) };
  const { span, answer } = await ask(turmoil, random, (api) => api.rotateSigningSecret(input));
  const { overlapHours } = input;
  if (answer) {
    if (answer.signingSecret) secrets.push({ secret: answer.signingSecret, span, overlapHours });
    return;
  }
  // Whether it was done shows in the secret. It was asked for before, and is known by now.
  const revealed = await insist(turmoil, random, (api) => api.revealSigningSecret(id));
  const { signingSecret: secret } = revealed.answer;
  const since = { askedAt: span.askedAt, answeredAt: revealed.span.answeredAt };
  if (secret && secret !== secrets.at(-1)!.secret) secrets.push({ secret, span: since, overlapHours });
}

/** Deletes an endpoint and creates another in its place. */
export async function replaceEndpoint(turmoil: Turmoil, random: Random): Promise<void> {
  const endpoint = pickTouchable(turmoil, random);
  endpoint.deleted = { askedAt: Date.now(), answeredAt: Number.POSITIVE_INFINITY };
  const { span } = await insist(turmoil, random, (api) => api.deleteEndpoint(endpoint.id));
  endpoint.deleted = span;
  const { answer } = await ask(turmoil, random, async (api) => {
    const { nodes } = await api.page('deliveries', { filter: { endpointIds: [endpoint.id] } });
    return [await api.endpoint(endpoint.id), ...nodes];
  });
  endpoint.shownAfterDeletion.push(...(answer ?? []).flatMap((node) => node?.id ?? []));
  const natures = Object.keys(NATURES).filter((nature) => !NATURES[nature]!.isLeftAlone);
  await createEndpoint(turmoil, random, random.pick(natures));
}

function urlOf({ receiver, untrusted }: Turmoil, name: string): string {
  return `${natureOf(name).isUntrusted ? untrusted!.url : receiver.url}/${name}`;
}

function pickTouchable({ ledger }: Turmoil, random: Random): EndpointHistory {
  return random.pick(ledger.livingEndpoints().filter(({ name }) => !natureOf(name).isLeftAlone));
}

/** Null: all of them. */
function chooseTypes(random: Random): string[] | null {
  return random.chance(0.2) ? null : random.some(EVENT_TYPES);
}

function subscribeTo(eventTypes: readonly string[] | null): object {
  return eventTypes ? { eventTypes } : { allEvents: true };
}

/** Creates the endpoint unless an earlier call has, whose answer was lost. */
async function createOnce(
  api: ApiClient,
  input: { url: string },
): Promise<Pick<EndpointView, 'id' | 'retryScheduleSeconds'> & { signingSecret: string }> {
  const page = { first: 100, filter: { search: input.url } };
  const { nodes } = await api.page<EndpointView>('endpoints', page, 'id url retryScheduleSeconds');
  const earlier = nodes.find(({ url }) => url === input.url);
  if (!earlier) return api.createEndpoint(input);
  const { signingSecret } = await api.revealSigningSecret(earlier.id);
  return { ...earlier, signingSecret: signingSecret! };
}
