import type { Api } from '../api.js';
import type { Stage } from './stage.js';

interface Published {
  readonly event: { readonly id: string };
}

const PUBLISH_EVENT = `mutation ($input: PublishEventInput!) {
  publishEvent(input: $input) { event { id } userErrors { message } }
}`;

const PUBLISH_EVENTS = `mutation ($input: [PublishEventInput!]!) {
  publishEvents(input: $input) { results { event { id } } userErrors { message } }
}`;

/** The catalog's sample of `data`, by event type. */
export async function readSamples(api: Api): Promise<Map<string, unknown>> {
  const { eventTypes } = await api.query<{ eventTypes: { name: string; sampleData: unknown }[] }>(
    '{ eventTypes { name sampleData } }',
  );
  return new Map(eventTypes.map(({ name, sampleData }) => [name, sampleData]));
}

/** Publishes an event. Answers its id. */
export async function publish(stage: Stage, type: string): Promise<string> {
  const { event } = await stage.api.mutate<Published>(PUBLISH_EVENT, { input: inputOf(stage, type) });
  stage.eventCount += 1;
  return event.id;
}

/** Publishes an event that goes out at once: how long it takes to arrive will be told in the end. Answers its id. */
export async function publishTimed(stage: Stage, type: string): Promise<string> {
  const startedAtMs = performance.now();
  const id = await publish(stage, type);
  stage.publishedAtMs.set(id, startedAtMs);
  return id;
}

/** Publishes so many events in one transaction. */
export async function publishMany(stage: Stage, type: string, count: number): Promise<void> {
  await stage.api.mutate(PUBLISH_EVENTS, { input: Array.from({ length: count }, () => inputOf(stage, type)) });
  stage.eventCount += count;
}

function inputOf({ samples }: Stage, type: string): { type: string; data: unknown } {
  return { type, data: samples.get(type) };
}
