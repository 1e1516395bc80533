import { Publisher } from './publish.js';
import type { Behaviour } from './receiver.js';
import type { BenchDatabase, Rig, Service } from './rig.js';

/** Registers endpoints that receive everything, or events of one type. Answers their ids. */
export async function createEndpoints(
  { receiver }: Rig,
  { api }: Service,
  count: number,
  { behaviour = 'ok', type, name = '' }: { behaviour?: Behaviour; type?: string; name?: string } = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const events = type ? { eventTypes: [type] } : { allEvents: true };
    const endpoint = await api.createEndpoint({ url: receiver.url(behaviour, `${name}${index}`), ...events });
    ids.push(endpoint.id);
  }
  return ids;
}

/** Leaves so many deliveries in a database, with no dispatcher about. Answers the ids of their events. */
export async function fill(
  rig: Rig,
  database: BenchDatabase,
  endpoints: number,
  deliveries: number,
): Promise<string[]> {
  await using service = await database.serve({ ROLES: 'api' });
  await createEndpoints(rig, service, endpoints);
  await using publisher = new Publisher(service);
  const eventIds = await publisher.many(Math.ceil(deliveries / endpoints));
  await rig.checkpoint();
  return eventIds;
}
