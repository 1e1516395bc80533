import { Foundation1795392000000 } from './1795392000000-foundation.js';
import { EndpointSettings1795500000000 } from './1795500000000-endpoint-settings.js';
import { Holding1795500100000 } from './1795500100000-holding.js';
import { Changes1795500200000 } from './1795500200000-changes.js';
import { BulkRetries1795500300000 } from './1795500300000-bulk-retries.js';
import { FailedDeliveries1795500400000 } from './1795500400000-failed-deliveries.js';
import { ApiKeys1795600000000 } from './1795600000000-api-keys.js';
import { PublishedEvents1795700000000 } from './1795700000000-published-events.js';
import { Notifications1795700100000 } from './1795700100000-notifications.js';
import { FeedOfACluster1795800000000 } from './1795800000000-feed-of-a-cluster.js';
import { TraceParents1795800100000 } from './1795800100000-trace-parents.js';
import { PassedOver1795900000000 } from './1795900000000-passed-over.js';
import { EventTypes1796000000000 } from './1796000000000-event-types.js';

/** Every migration, oldest first. */
export const migrations = [
  Foundation1795392000000,
  EndpointSettings1795500000000,
  Holding1795500100000,
  Changes1795500200000,
  BulkRetries1795500300000,
  FailedDeliveries1795500400000,
  ApiKeys1795600000000,
  PublishedEvents1795700000000,
  Notifications1795700100000,
  FeedOfACluster1795800000000,
  TraceParents1795800100000,
  PassedOver1795900000000,
  EventTypes1796000000000,
];
