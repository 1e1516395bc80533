import { INTERVAL_MS, StatsInterval, StatsWindow, WINDOW_MS } from '../endpoints/delivery-stats.js';
import { DEFAULT_PAGE, MAX_PAGE } from './connection.js';

/** Reads an argument of a field: the value as it is inside; undefined when it is left out. */
export type ReadArgument = (name: string) => unknown;

/** What a field costs, and how many items it is taken to have when it is a list. */
export interface Price {
  /** For the field itself. */
  readonly cost?: number;
  /** By its own arguments and those of the field around it; what is asked of an item is counted so many times. */
  readonly items?: number | ((own: ReadArgument, outer: ReadArgument) => number);
  /** For each item of what its arguments bring in. */
  readonly costPerInput?: number;
}

/**
 * What every field costs that the table below does not name. A unit is about what 35 µs of a core do: publishing an event
 * by itself takes 10.
 */
export const USUAL_PRICES = {
  /** A field with nothing below it. */
  plain: 0.1,
  /** An object, which may have to be read. */
  object: 1,
  /** Each item of a list, before what is asked of it. */
  item: 0.2,
  /** Anything about the schema itself. */
  introspection: 0.02,
  /** A mutation or a subscription. */
  change: 10,
  /** A page of a list; its items come on top. */
  page: 5,
  /** The items of a list of unknown length. */
  items: 10,
} as const;

const ALREADY_THERE = { cost: 0 };
const A_TEXT = { cost: 0.5 };
const AN_ERROR = { cost: 0, items: 1 };

/** The fields that cost something else, by type and name. */
export const PRICES: Readonly<Record<string, Price>> = {
  'Query.eventTypes': { cost: 5, items: 20 },
  'Query.runningBulkRetries': { cost: 5, items: 2 },
  'WebhookEndpointConnection.totalCount': { cost: 5 },
  'DeliveryConnection.totalCount': { cost: 20 },
  'WebhookEndpoint.successRate': { cost: 0.5 },
  'WebhookEndpoint.stats': { cost: 2 },
  'DeliveryStats.series': { cost: 2, items: pointsOfSeries },
  'WebhookEvent.body': A_TEXT,
  'WebhookEvent.data': A_TEXT,
  'Delivery.attempts': { items: 6 },
  'DeliveryAttempt.requestBody': A_TEXT,
  'DeliveryAttempt.responseBody': A_TEXT,

  'Mutation.publishEvents': { cost: 10, costPerInput: 1 },
  'Mutation.sendTestEvent': { cost: 20 },
  'Mutation.retryDeliveries': { cost: 200 },
  'PublishEventPayload.event': ALREADY_THERE,
  'PublishEventsPayload.results': { cost: 0, items: (_own, outer) => lengthOf(outer('input')) },
  'PublishEventPayload.userErrors': AN_ERROR,
  'PublishEventsPayload.userErrors': AN_ERROR,

  '__Schema.types': { items: 80 },
  '__Type.fields': { items: 8 },
  '__Type.inputFields': { items: 4 },
  '__Type.enumValues': { items: 4 },
  '__Type.possibleTypes': { items: 6 },
  '__Field.args': { items: 2 },
  '__Schema.directives': { items: 5 },
};

/** How many items a list has that an argument gives; one value counts as a list of it. */
export function lengthOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  return Array.isArray(value) ? value.length : 1;
}

/** The items of a page, by the arguments of the connection. */
export function pageSize(connection: ReadArgument): number {
  const [size = DEFAULT_PAGE] = [connection('first'), connection('last')].filter((value) => typeof value === 'number');
  return Math.min(Math.max(size, 0), MAX_PAGE);
}

function pointsOfSeries(own: ReadArgument, outer: ReadArgument): number {
  const window = (outer('window') ?? StatsWindow.LAST_24_HOURS) as StatsWindow;
  const interval = (own('interval') ?? StatsInterval.HOUR) as StatsInterval;
  return WINDOW_MS[window] / INTERVAL_MS[interval] + 1;
}
