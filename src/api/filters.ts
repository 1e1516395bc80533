import { Field, ID, InputType } from 'type-graphql';
import { DeliveryStatus } from '../deliveries/delivery-status.js';
import type { DeliverySelection } from '../deliveries/list-deliveries.js';
import { EndpointStatus } from '../endpoints/endpoint-health.js';
import type { EndpointSelection } from '../endpoints/list-endpoints.js';
import type { Catalog } from '../events/catalog.js';
import { DateTimeScalar } from '../scalars.js';
import { fromTypeId } from '../storage/ids.js';

@InputType({ description: 'A span of time. What is left out is open.' })
export class DateTimeRange {
  @Field(() => DateTimeScalar, { nullable: true, description: 'The first instant in it.' })
  from?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'The first instant no longer in it.' })
  to?: Date | null;
}

@InputType({ description: 'Which endpoints. What is left out matches all; an empty list matches none.' })
export class EndpointFilter {
  @Field(() => [EndpointStatus], { nullable: true, description: 'Endpoints with one of these statuses.' })
  statuses?: EndpointStatus[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'Endpoints that receive this event type, or one that a prefix such as `invoice.*` stands for.',
  })
  eventType?: string | null;

  @Field(() => String, { nullable: true, description: 'Text within the URL or the description, whatever its case.' })
  search?: string | null;
}

@InputType({
  description: 'Which deliveries. What is left out matches all; an empty list or an unknown ID matches none.',
})
export class DeliveryFilter {
  @Field(() => [DeliveryStatus], { nullable: true, description: 'Deliveries with one of these statuses.' })
  statuses?: DeliveryStatus[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Deliveries of events of these types; a prefix such as `invoice.*` stands for all that begin so.',
  })
  eventTypes?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Deliveries to these endpoints.' })
  endpointIds?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Deliveries of this event.' })
  eventId?: string | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Deliveries of events published within this span.' })
  createdAt?: DateTimeRange | null;

  @Field(() => Boolean, { nullable: true, description: 'True: without test events. False: only test events.' })
  livemode?: boolean | null;
}

/** The filter with ids as they are inside; ids and types that cannot exist drop out. */
export function toSelection(filter: DeliveryFilter | null | undefined, catalog: Catalog): DeliverySelection {
  return {
    statuses: filter?.statuses && [...new Set(filter.statuses)],
    eventTypes: namesOf(filter?.eventTypes, catalog),
    endpointIds: filter?.endpointIds && knownIds('ep', filter.endpointIds),
    eventIds: typeof filter?.eventId === 'string' ? knownIds('evt', [filter.eventId]) : null,
    created: filter?.createdAt,
    livemode: filter?.livemode,
  };
}

/** The same of a filter of endpoints. */
export function toEndpointSelection(filter: EndpointFilter | null | undefined, catalog: Catalog): EndpointSelection {
  const eventType = filter?.eventType;
  const eventTypes = typeof eventType === 'string' ? namesOf([eventType], catalog) : null;
  return { statuses: filter?.statuses, eventTypes, search: filter?.search };
}

/** The event types that a list of names and prefixes stands for, each once; null stays null. */
export function namesOf(patterns: readonly string[] | null | undefined, catalog: Catalog): string[] | null {
  if (!patterns) return null;
  return [...new Set(patterns.flatMap((pattern) => catalog.matching(pattern).map(({ name }) => name)))];
}

function knownIds(prefix: 'ep' | 'evt', ids: readonly string[]): string[] {
  return [...new Set(ids.flatMap((id) => fromTypeId(prefix, id) ?? []))];
}

/** The selection within one endpoint or event: what else the filter says still holds. */
export function within(selection: DeliverySelection, name: 'endpointIds' | 'eventIds', id: string): DeliverySelection {
  const asked = selection[name];
  return { ...selection, [name]: !asked || asked.includes(id) ? [id] : [] };
}
