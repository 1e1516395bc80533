/** What an endpoint is subscribed to. */
interface Subscribed {
  allEvents: boolean;
  eventTypes: readonly string[];
}

/** Whether an endpoint receives a type: by its name, by a prefix such as `invoice.*`, or because it receives all. */
export function receives({ allEvents, eventTypes }: Subscribed, type: string): boolean {
  return allEvents || eventTypes.some((pattern) => pattern === type || isWithin(type, pattern));
}

/** Whether a type is one of those that a prefix stands for. */
export function isWithin(type: string, prefix: string): boolean {
  return prefix.endsWith('.*') && type.startsWith(prefix.slice(0, -'*'.length));
}

/** The prefixes that stand for two or more of the types, by what comes before their first dot. */
export function prefixesOf(types: readonly string[]): string[] {
  const byStart = Map.groupBy(
    types.filter((type) => type.includes('.')),
    (type) => `${type.split('.')[0]}.*`,
  );
  return [...byStart].filter(([, those]) => those.length > 1).map(([prefix]) => prefix);
}
