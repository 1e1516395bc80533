import type { Caller } from '../access/account.js';
import type { ApiKeys } from '../access/api-keys.js';
import type { EndpointWindow } from '../deliveries/endpoint-window.js';
import type { EndpointManager } from '../endpoints/manage-endpoints.js';
import type { EventTypeManager } from '../events/manage-event-types.js';
import type { ChangeFeed } from '../live/change-feed.js';
import type { CursorCodec } from '../live/cursor.js';
import type { Metrics } from '../metrics.js';
import type { EventPublisher } from '../publishing/publish-events.js';
import type { TestEventOptions } from '../publishing/send-test-event.js';
import type { Database } from '../storage/database.js';
import { Answer } from './answer.js';
import { createLoaders, type Loaders } from './loaders.js';
import type { Turns } from './turns.js';

/** What resolvers work with, the same for all requests. */
export interface Services extends TestEventOptions {
  database: Database;
  metrics: Metrics;
  window: EndpointWindow;
  endpoints: EndpointManager;
  eventTypes: EventTypeManager;
  apiKeys: ApiKeys;
  publisher: EventPublisher;
  /** Selecting for bulk retries, by account: each may take long, and needs a connection of its own. */
  selecting: Turns;
  feed: ChangeFeed;
  cursors: CursorCodec;
  /** The waits before attempts 2, 3, …, in seconds, of endpoints without a schedule of their own. */
  retryScheduleSeconds: readonly number[];
  /** The name of the product's own signature header. */
  signatureHeader: string;
}

/** One request: who makes it, and what it may use. */
export interface ApiContext {
  readonly caller: Caller;
  readonly accountId: string;
  readonly services: Services;
  readonly answer: Answer;
  /** The W3C `traceparent` of the request: what it does is part of that trace. */
  readonly traceParent: string | undefined;
  /** Remember what they have read. */
  loaders: Loaders;
}

export function createContext(caller: Caller, services: Services, traceParent?: string): ApiContext {
  const { accountId } = caller;
  const loaders = createLoaders(services, accountId);
  return { caller, accountId, services, answer: new Answer(), traceParent, loaders };
}

/** Forgets what was read so far: what comes next is to see what has changed since. */
export function forgetWhatWasRead(context: ApiContext): void {
  context.loaders = createLoaders(context.services, context.accountId);
}
